"""What a proof of resume found: a plain value, kept in checkpoints and shown to people. Nothing here needs torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from lattice.units import plural, seconds_text

LONGEST_WORD = 160
"""Characters of a text out of a checkpoint that are kept."""


@dataclass(frozen=True)
class ResumeProof:
    """K training steps that went on in one process, against K that went on from a save in another one."""

    training_step: int
    """Where both began."""
    steps: int
    """K."""
    equal: bool
    """Whether every bit of every loss and tensor was the same."""
    difference: str
    """The first that was not, with how far it is off; empty where all are equal."""
    tensors: int
    """Tensors that were compared: weights, moments, generators, and those of the MLP baseline."""
    seconds: float
    """Wall time of the whole proof."""
    device: str
    versions: dict[str, str] = field(default_factory=dict)
    """Of Cellcube, torch and Python."""

    def summary(self) -> str:
        """Return it as a sentence."""
        what = f"{plural(self.steps, 'training step')} after step {self.training_step:,}"
        where = f"on {self.device}, {', '.join(f'{name} {version}' for name, version in self.versions.items())}"
        if self.equal:
            return (
                f"This run resumes bit for bit: {what} gave the same losses and the same {self.tensors} tensors here "
                f"and from a save in another process ({where}, {seconds_text(self.seconds)})"
            )
        why = f"from a save in another process, {self.difference}"
        return f"This run does not resume bit for bit: {what}, {why} ({where})"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_note(cls, note: object) -> Self | None:
        """Return the proof that a checkpoint's head notes; None if it has none that can be read."""
        if not isinstance(note, Mapping) or set(note) != {each.name for each in fields(cls)}:
            return None
        versions = note["versions"]
        kinds = {"training_step": int, "steps": int, "equal": bool, "difference": str, "tensors": int, "device": str}
        if not all(type(note[name]) is kind for name, kind in kinds.items()) or not isinstance(versions, Mapping):
            return None
        if type(note["seconds"]) not in (int, float) or not 0 <= note["seconds"] < float("inf"):
            return None
        words = {_words(name): _words(version) for name, version in list(versions.items())[:8]}
        texts = {name: _words(note[name]) for name in ("difference", "device")}
        return cls(**{**note, **texts, "versions": words, "seconds": float(note["seconds"])})


def _words(value: object) -> str:
    return " ".join(str(value).split())[:LONGEST_WORD]
