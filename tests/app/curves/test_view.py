"""The view stays, follows or fits."""

from __future__ import annotations

from app.curves.view import StepView


def test_the_whole_run_grows() -> None:
    view = StepView()
    assert view.span(1, 100) == (1, 100)
    assert view.span(1, 200) == (1, 200)
    assert view.span(0, -1) == (0, 1), "before the first training step there is still something to draw on"


def test_a_chosen_range_stays_and_following_keeps_its_width() -> None:
    view = StepView()
    view.choose(20, 60)
    assert (view.span(1, 500), view.following) == ((20, 60), False)
    view.follow(True, 1, 500)
    assert (view.span(1, 500), view.following) == ((460, 500), True)
    assert view.span(1, 510) == (470, 510)
    view.follow(False, 1, 510)
    assert view.span(1, 900) == (470, 510)
    view.fit()
    assert view.span(1, 900) == (1, 900)


def test_stopping_to_follow_the_whole_run_freezes_it() -> None:
    view = StepView()
    view.follow(False, 1, 80)
    assert view.span(1, 500) == (1, 80)


def test_a_range_chosen_by_hand_is_moved_into_the_run() -> None:
    view = StepView()
    view.choose_within(90, 130, 1, 100)
    assert (view.span(1, 100), view.following) == ((60, 100), False)
    view.choose_within(-9, 11, 1, 100)
    assert view.span(1, 100) == (1, 21)
    view.choose_within(-50, 300, 1, 100)
    assert (view.span(1, 100), view.following) == ((1, 100), True)
