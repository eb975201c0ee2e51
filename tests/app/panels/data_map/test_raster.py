"""Points as pixels: where they are drawn, how dense ones look, and which point is meant."""

import numpy as np
import pytest

from app.panels.data_map import raster
from app.panels.data_map.raster import PointRaster, inside_polygon, nearest_point, next_point, to_pixels

VIEW, SIZE = (0.0, 0.0, 10.0, 5.0), (100, 50)
RED, BLUE = (255.0, 0.0, 0.0), (0.0, 0.0, 255.0)


def points(*pairs):
    return np.array(pairs, dtype=np.float32)


def drawing(places, colors):
    drawn = PointRaster()
    drawn.set_points(places)
    drawn.colors_3N = np.array(colors, dtype=np.float32).T.copy()
    return drawn


def channels(image):
    """Return alpha, red, green and blue, each [H, W]."""
    return [(image >> shift & 255).astype(int) for shift in (24, 16, 8, 0)]


def test_y_points_up():
    assert to_pixels(points((0, 5), (10, 0), (5, 2.5)), VIEW, SIZE).tolist() == [[0, 0], [100, 50], [50, 25]]


def test_a_few_points_are_smooth_discs():
    alpha, red, _, blue = channels(drawing(points((2, 4), (8, 1)), [RED, BLUE]).draw(VIEW, SIZE))
    assert red[10, 20] > 200 > blue[10, 20]
    assert blue[40, 80] > 200 > red[40, 80]
    assert alpha[25, 50] == 0
    assert len(np.unique(alpha)) > 3, "the rim is in between"


def test_points_at_the_border_are_cut_and_those_outside_left_out():
    alpha, *_ = channels(drawing(points((0.05, 0.05), (9.95, 4.95), (30, 30)), [RED] * 3).draw(VIEW, SIZE))
    assert alpha[49, 0] > 0
    assert alpha[0, 99] > 0
    assert (alpha > 0).sum() < 100


def test_a_higher_rank_lies_on_top():
    drawn = drawing(points((5, 2.5), (5, 2.5)), [RED, BLUE])
    for ranks, on_top in (([1, 0], 1), ([0, 1], 3)):
        drawn.ranks_N = np.array(ranks)
        shown = channels(drawn.draw(VIEW, SIZE))
        assert shown[on_top][25, 50] > 200


def test_a_disc_of_a_higher_rank_covers_all_of_its_neighbours():
    drawn = drawing(points((5, 2.5), (5.3, 2.5), (4.8, 2.3)), [RED, BLUE, BLUE])
    drawn.ranks_N = np.array([1, 0, 0])
    alone = drawing(points((5, 2.5)), [RED])
    covered = channels(alone.draw(VIEW, SIZE))[0] > 220
    _, red, _, blue = channels(drawn.draw(VIEW, SIZE))
    assert covered.sum() > 20
    assert (red[covered] > 200).all()
    assert (blue[covered] < 50).all()


@pytest.mark.parametrize("most_discs", [10, 0])
def test_a_filter_dims_the_others(monkeypatch, most_discs):
    monkeypatch.setattr(raster, "MOST_DISCS", most_discs)
    drawn = drawing(points((2, 4), (8, 1)), [RED, RED])
    drawn.kept_N = np.array([True, False])
    alpha, *_ = channels(drawn.draw(VIEW, SIZE))
    assert alpha[10, 20] > 3 * alpha[40, 80] > 0


def test_many_points_show_their_mean_colour_and_how_dense_they_lie(monkeypatch):
    monkeypatch.setattr(raster, "MOST_DISCS", 0)
    places = points(*[(2, 4)] * 8, *[(8, 1)] * 2, (5, 2.5))
    alpha, red, _, blue = channels(drawing(places, [RED] * 8 + [RED, BLUE, BLUE]).draw(VIEW, SIZE))
    assert alpha[10, 20] > alpha[40, 80] > alpha[25, 50] > 0
    assert abs(red[40, 80] - blue[40, 80]) <= 1, "one red and one blue"
    assert (red[25, 50], blue[25, 50]) == (0, alpha[25, 50])


def test_the_background_takes_no_part_in_the_mean_of_many_points(monkeypatch):
    monkeypatch.setattr(raster, "MOST_DISCS", 0)
    drawn = drawing(points(*[(2, 4)] * 9, (8, 1)), [RED] * 8 + [BLUE] + [RED])
    drawn.background_N = np.array([True] * 8 + [False, True])
    _, red, _, blue = channels(drawn.draw(VIEW, SIZE))
    assert blue[10, 20] > 100 > red[10, 20]
    assert red[40, 80] > 100


def test_squares_at_the_right_and_lower_edge_stay_in_their_row(monkeypatch):
    monkeypatch.setattr(raster, "MOST_DISCS", 0)
    alpha, *_ = channels(drawing(points((9.95, 3), (2, 0.05)), [RED, BLUE]).draw(VIEW, SIZE))
    assert np.argwhere(alpha).tolist() == [[20, 99], [21, 99], [49, 20], [49, 21]]


def test_a_picture_does_not_remember_the_last_one(monkeypatch):
    monkeypatch.setattr(raster, "MOST_DISCS", 0)
    drawn = drawing(points((2, 4), (8, 1)), [RED, BLUE])
    first = drawn.draw(VIEW, SIZE).copy()
    drawn.draw((5.0, 0.0, 15.0, 5.0), SIZE)
    np.testing.assert_array_equal(drawn.draw(VIEW, SIZE), first)


def test_no_points():
    assert not PointRaster().draw(VIEW, SIZE).any()


def test_the_nearest_point_within_reach():
    places = points((10, 10), (20, 10), (20, 30))
    assert nearest_point(places, 18, 12, 5) == 1
    assert nearest_point(places, 50, 50, 5) is None
    assert nearest_point(points().reshape(0, 2), 0, 0, 5) is None


@pytest.mark.parametrize(("direction", "reached"), [((1, 0), 1), ((-1, 0), 3), ((0, 1), 2), ((0, -1), 0)])
def test_the_next_point_in_a_direction(direction, reached):
    places = points((10, 10), (20, 12), (11, 30), (0, 9), (60, 10))
    assert next_point(places, 0, *direction) == reached


def test_inside_a_polygon_that_is_not_convex():
    ring = points((0, 0), (10, 0), (10, 10), (5, 2), (0, 10))
    inside = inside_polygon(points((1, 1), (9, 5), (5, 6), (1, 7), (12, 1), (5, 1)), ring)
    assert inside.tolist() == [True, True, False, True, False, True]
