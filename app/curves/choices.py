"""What a person chose to see of the curves: kept between starts, and by runs that come one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from app.curves.specs import PLOTS
from lattice.parsing import parse_json

DEFAULT_PLOTS = ("cosine", "loss")


@dataclass(frozen=True)
class CurveChoices:
    """Plots and curves that nothing is said about look as they do at first."""

    plots: tuple[str, ...] = DEFAULT_PLOTS
    """Keys of the plots that are shown."""
    smoothing: int = 0
    """Position of the smoothing slider."""
    log_steps: bool = False
    """Whether the axis of training steps is logarithmic."""
    logarithmic: Mapping[str, bool] = field(default_factory=dict)
    """By a plot's key, whether its value axis is logarithmic."""
    curves: Mapping[str, bool] = field(default_factory=dict)
    """By a curve's name, whether it is shown."""

    def to_json(self) -> str:
        """Return the choices as text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> CurveChoices:
        """Read `to_json`; whatever makes no sense is left out."""
        try:
            told = parse_json(text)
        except ValueError:
            return cls()
        if not isinstance(told, dict):
            return cls()
        named = told.get("plots")
        plots = tuple(spec.key for spec in PLOTS if spec.key in named) if isinstance(named, list) else ()
        smoothing = told.get("smoothing")
        return cls(
            plots or DEFAULT_PLOTS,
            smoothing if isinstance(smoothing, int) else 0,
            told.get("log_steps") is True,
            _switches(told.get("logarithmic")),
            _switches(told.get("curves")),
        )


def _switches(told: object) -> dict[str, bool]:
    return {name: on for name, on in told.items() if isinstance(on, bool)} if isinstance(told, dict) else {}


def note(choices: dict[str, bool], name: str, on: bool, *, usual: bool) -> None:
    """Remember a choice that is not the usual one, so that what nobody chose follows the program."""
    choices.pop(name, None)
    if on != usual:
        choices[name] = on
