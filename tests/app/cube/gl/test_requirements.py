"""A context that is too old is recognised by what it says of itself, and the sentence names version and card."""

import pytest

from app.cube.gl.requirements import shortcoming


@pytest.mark.parametrize(
    ("version", "shading", "extensions"),
    [
        ("4.5 (Compatibility Profile) Mesa 22.3.6", "4.50", ""),
        ("OpenGL ES 3.2 Mesa", "OpenGL ES GLSL ES 3.20", ""),
        ("2.1 INTEL-10.36", "1.20", "GL_EXT_texture GL_EXT_framebuffer_object"),
        ("3.0 Mesa", "1.30", ""),
    ],
)
def test_what_suffices_lacks_nothing(version, shading, extensions):
    assert shortcoming(version, shading, extensions, "a card") == ""


@pytest.mark.parametrize(
    ("version", "shading", "extensions", "expected"),
    [
        ("1.4 (3.1 Mesa)", "", "", "OpenGL is too old: version 1.4 on 'a card', and 2.1 is needed."),
        ("", "", "", "OpenGL is too old: version unknown on 'a card', and 2.1 is needed."),
        ("2.1", "1.10", "", "OpenGL's shading language is too old: version 1.10 on 'a card', and 1.20 is needed."),
        (
            "2.1",
            "1.20",
            "GL_EXT_texture",
            "OpenGL 2.1 on 'a card' can't draw off screen: it lacks framebuffer objects.",
        ),
    ],
)
def test_what_is_too_old_is_said(version, shading, extensions, expected):
    assert shortcoming(version, shading, extensions, "a card") == expected
