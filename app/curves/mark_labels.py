"""Where the labels of marks stand so that none covers another: in pixels, free of any plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Form = Literal["whole", "word", "number", "none"]


class Label(NamedTuple):
    """How one mark is labelled."""

    form: Form
    """`whole`: all of its words; `word`: its short form; `number`: its place in the row; `none`: there is no room."""
    leftwards: bool = False
    """Whether it stands left of its line."""


def place_labels(
    places: Sequence[float], widths: Sequence[float], shorts: Sequence[float], end: float, number: float
) -> list[Label]:
    """Return a label for each mark.

    Args:
        places: of the lines, in pixels from the left edge, ascending.
        widths: of the labels with all their words, in pixels.
        shorts: of the short forms of the marks that come before others, in pixels; 0 for any other.
        end: right edge, in pixels.
        number: width of a number, in pixels.
    """
    labels: dict[int, Label] = {}
    taken: list[tuple[float, float]] = []

    def free(span: tuple[float, float]) -> bool:
        return not any(span[0] < stop and start < span[1] for start, stop in taken)

    def put(index: int, form: Form, width: float) -> bool:
        """Label a mark right of its line, or left of it, if there is room."""
        place = places[index]
        for leftwards, span in ((False, (place, place + width)), (True, (place - width, place))):
            if span[0] >= 0 and span[1] <= end and free(span):
                labels[index] = Label(form, leftwards)
                taken.append(span)
                return True
        return False

    for index, short in enumerate(shorts):
        if short:
            put(index, "word", short)
    for index, place in enumerate(places):
        if index in labels or not 0 <= place <= end:
            continue
        before = max(places[:index], default=0.0)
        after = min((other for other in places[index + 1 :]), default=end)
        for leftwards, span in ((False, (place, place + widths[index])), (True, (place - widths[index], place))):
            inside = span[0] >= max(before, 0.0) and span[1] <= min(after, end)
            if inside and free(span):
                labels[index] = Label("whole", leftwards)
                taken.append(span)
                break
        else:
            put(index, "number", number)
    return [labels.get(index, Label("none")) for index in range(len(places))]
