"""What somebody wants changed about a configuration: the same for a new run and for one that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lattice.config.project import SimpleProjectConfig


@dataclass(frozen=True)
class Wishes:
    """Changes to whatever configuration they are put on."""

    named: Mapping[str, object] = field(default_factory=dict)
    """Values by dotted key, taken as they are."""
    assignments: tuple[str, ...] = ()
    """`section.key=value` texts, applied after `named`."""

    def on(self, base: SimpleProjectConfig) -> SimpleProjectConfig:
        """Return `base` with the changes; raises `ConfigError` for one that can't be."""
        return base.replaced(self.named).override(self.assignments)

    def and_also(self, key: str, value: object) -> Wishes:
        """Return the same with one more named value, which wins over an assignment to the same key."""
        kept = tuple(text for text in self.assignments if text.partition("=")[0].strip() != key)
        return Wishes({**self.named, key: value}, kept)
