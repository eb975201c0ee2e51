"""One thing that the user can do, as the menus, keys and the search know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ActionSpec:
    """One thing that the user can do."""

    id: str
    text: str
    """Words in the menu; an ellipsis says that a dialog follows."""
    icon: str
    shortcuts: tuple[str, ...]
    tooltip: str
    handler: Callable[..., object]
    """A method of a feature or a panel. Checkable actions hand it their state."""
    menu: str
    """Menu, and submenu after a slash."""
    argument: Any = None
    """Handed to the handler in place of nothing."""
    checkable: bool = False
    checked: bool = False
    group: str = ""
    """Checkable actions of one group exclude each other."""
    toolbar: bool = False
    separator: bool = False
    """Put a line above it."""
    needs_run: bool = False
    """Greyed out while there is no run."""


def action(id: str, menu: str, text: str, handler: Callable[..., object], **more: Any) -> ActionSpec:
    """Return a row of a menu; `keys` are its shortcuts with spaces between them, `tip` its tooltip."""
    keys = more.pop("keys", "")
    return ActionSpec(
        id=id,
        text=text,
        icon=more.pop("icon", ""),
        shortcuts=tuple(keys.split()),
        tooltip=more.pop("tip", text.rstrip(".")),
        handler=handler,
        menu=menu,
        **more,
    )
