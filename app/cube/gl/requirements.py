"""What the cube's picture needs of OpenGL, and what a context lacks of it."""

from __future__ import annotations

import re

NEEDED, NEEDED_SHADING = (2, 1), (1, 20)
"""Versions of OpenGL and of its shading language from which on the cube can be drawn."""
_TARGETS = ("GL_ARB_framebuffer_object", "GL_EXT_framebuffer_object")
"""Either draws off screen, which OpenGL 3.0 does without an extension."""


def shortcoming(version: str, shading: str, extensions: str, renderer: str) -> str:
    """Return what a context lacks, as a sentence; empty if the cube can be drawn with it.

    Args:
        version: `GL_VERSION`, such as `4.5 (Compatibility Profile) Mesa 22.3.6`.
        shading: `GL_SHADING_LANGUAGE_VERSION`; empty where there is none.
        extensions: `GL_EXTENSIONS`, separated by blanks; empty in a core profile.
        renderer: `GL_RENDERER`, the card's name.
    """
    place = f" on '{renderer}'" if renderer else ""
    found, language = _numbers(version), _numbers(shading)
    if found < NEEDED:
        return f"OpenGL is too old: version {_text(found)}{place}, and 2.1 is needed."
    if language < NEEDED_SHADING:
        return f"OpenGL's shading language is too old: version {_text(language)}{place}, and 1.20 is needed."
    if found < (3, 0) and not any(name in extensions.split() for name in _TARGETS):
        return f"OpenGL {_text(found)}{place} can't draw off screen: it lacks framebuffer objects."
    return ""


def _numbers(text: str) -> tuple[int, int]:
    """Return major and minor version; 0.0 where there is none."""
    found = re.search(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}" if version != (0, 0) else "unknown"
