"""Lasting objects: made without a collection, kept out of later ones where wanted, and still found by who lists all."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from lattice.collector import all_objects, keeping, lasting


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def stops() -> Iterator[list[str]]:
    """Count collections while nothing is left out of them; the session's own state comes back."""
    frozen, enabled = keeping(), gc.isenabled()
    seen: list[str] = []
    gc.unfreeze()
    gc.enable()

    def note(phase: str, _info: dict[str, int]) -> None:
        seen.append(phase)

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    if not enabled:
        gc.disable()
    if frozen:
        gc.freeze()


def make_many() -> list[Cycle]:
    return [Cycle() for _ in range(20 * gc.get_threshold()[0])]


@pytest.mark.parametrize("kept", [True, False])
def test_nothing_is_collected_meanwhile_and_the_collector_works_afterwards(stops: list[str], kept: bool) -> None:
    with lasting(kept=kept):
        made = make_many()
    assert stops == []
    assert gc.isenabled()
    assert keeping() is kept
    gone = weakref.ref(made[0])
    del made
    gc.collect()
    assert (gone() is None) is not kept


def test_it_works_again_after_an_error_and_one_that_was_off_stays_off(stops: list[str]) -> None:
    with pytest.raises(OSError, match="no such library"), lasting(kept=False):
        raise OSError("no such library")
    assert gc.isenabled()
    gc.disable()
    with lasting(kept=False):
        pass
    assert not gc.isenabled()


def test_what_is_left_out_of_collections_is_listed_and_stays_left_out(stops: list[str]) -> None:
    with lasting(kept=True):
        one = Cycle()
    assert not any(thing is one for thing in gc.get_objects())
    assert any(thing is one for thing in all_objects())
    assert keeping()


def test_the_list_of_all_leaves_nothing_out_where_nothing_was(stops: list[str]) -> None:
    one = Cycle()
    assert any(thing is one for thing in all_objects())
    assert not keeping()
