"""Long work of the window's thread in parts, between which keys, the mouse and pictures have their turn."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PyQt6.QtCore import QObject, QTimer


class Turns(QObject):
    """Does parts one after the other: at once, or after `begin` each in a turn of the event loop of its own.

    The order is that of parts done at once: what a part adds comes before the parts that wait already, and what is to
    be done after all parts comes after those that were added meanwhile.

    Parts come back by a timer: what is posted to Qt's event loop meanwhile, such as layouts and pictures, would
    otherwise be dealt with together with all parts, as one event.
    """

    def __init__(self) -> None:
        """Do parts at once until `begin`."""
        super().__init__()
        self._parts: deque[Callable[[], object]] | None = None
        self._after: deque[Callable[[], object]] = deque()
        self._added: int | None = None
        """Parts in front that the part under way has added; None between parts."""
        self._waited: int | None = None
        """Of what waits for the end of all parts, how many of those that waited at that end are left."""
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setObjectName("turns")
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    @property
    def waiting(self) -> bool:
        """Whether a part that comes now waits for its turn."""
        return self._parts is not None

    def begin(self) -> None:
        """Give each part that comes a turn of its own until none is left; after `close`, do nothing."""
        if self._parts is None and not self._closed:
            self._parts = deque()
            self._timer.start(0)

    def do(self, part: Callable[[], object]) -> None:
        """Do a part now, or in its turn; what it raises goes to the caller, or else to `sys.excepthook`."""
        if self._parts is None:
            part()
        elif self._added is None:
            self._parts.append(part)
        else:
            self._parts.insert(self._added, part)
            self._added += 1

    def do_after(self, act: Callable[[], object]) -> None:
        """Do something now, or once no part is left; failures as `do`.

        What waits when no part is left has turns of its own, and what comes during these is done in one.
        """
        if self._parts is None:
            act()
        else:
            self._after.append(act)

    def close(self) -> None:
        """Forget what waits; all that comes later is done at once."""
        self._closed = True
        self.forget()

    def forget(self) -> None:
        """Forget what waits; what comes later is done at once until `begin`."""
        self._timer.stop()
        self._parts = self._waited = None
        self._after.clear()

    def _next(self) -> None:
        self._timer.start(0)  # first: a part may open a dialog, or fail, and those after it come all the same
        if self._parts:
            part, self._added = self._parts.popleft(), 0
            try:
                part()
            finally:
                self._added = None
            return
        if self._waited is None:
            self._waited = len(self._after)
        if self._waited > 0 and self._after:
            self._waited -= 1
            self._after.popleft()()
            return
        # In one turn: what comes as fast as turns do, as messages on a slow machine, would otherwise wait for ever.
        while self._after and not self._parts:
            self._after.popleft()()
        if not self._after and not self._parts:
            self.forget()
