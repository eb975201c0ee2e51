"""The way out of Qt at the end of the process.

When Python ends, PyQt destroys every QObject that Python still owns while it walks over its table of wrapped objects.
Whatever is destroyed may call Python, which enters objects into the same table; if that makes the table grow, PyQt goes
on in the freed one, and the process ends with a segmentation fault (PyQt6 6.11, sip 13.13). So nothing is left to PyQt.
"""

from __future__ import annotations

from PyQt6 import sip
from PyQt6.QtCore import QCoreApplication, QObject
from PyQt6.QtWidgets import QApplication

from lattice.collector import all_objects


def part() -> None:
    """Delete the windows, and leave what else there is of Qt to the end of the process.

    Call it in the window's thread, when no other thread uses Qt any more.
    """
    if isinstance(QCoreApplication.instance(), QApplication):
        for widget in QApplication.topLevelWidgets():
            if not sip.isdeleted(widget) and sip.ispyowned(widget):
                sip.delete(widget)
    for thing in left_to_pyqt():
        sip.transferto(thing, None)  # type: ignore[arg-type]  # None: Qt's own, without a parent


def left_to_pyqt() -> list[QObject]:
    """Return the objects that PyQt would destroy when Python ends; the application itself is destroyed after them."""
    return [
        thing
        for thing in all_objects()
        if issubclass(type(thing), QObject)
        and not issubclass(type(thing), QCoreApplication)
        and not sip.isdeleted(thing)
        and sip.ispyowned(thing)
    ]
