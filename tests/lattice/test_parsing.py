"""Whatever is wrong with TOML or JSON ends in one short line of one type."""

from __future__ import annotations

import pytest

from lattice.parsing import ParseError, parse_json, parse_toml


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (parse_toml, "a = " + "[" * 5_000 + "]" * 5_000, "nested too deeply"),
        (parse_toml, "a = " + "[" * 20 + "]" * 20, "nested more than 16 levels deep"),
        (parse_toml, "a = " + "9" * 5_000, "digits"),
        (parse_toml, "a = 1\na = 2", "Cannot overwrite a value"),
        (parse_json, "[" * 200_000, "nested too deeply"),
        (parse_json, '{"a":' * 20 + "0" + "}" * 20, "nested more than 16 levels deep"),
        (parse_json, "9" * 5_000, "digits"),
        (parse_json, b"\xff\xfe\xfd", "can't decode"),
        (parse_json, "x" * 1_000, "Expecting value"),
    ],
)
def test_what_breaks_a_parser_is_one_short_line(parse, text, message):
    with pytest.raises(ParseError, match=message) as refusal:
        parse(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_what_is_right_is_returned_whole():
    assert parse_toml("[a]\nb = [1, [2, 3]]") == {"a": {"b": [1, [2, 3]]}}
    assert parse_json('{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert parse_json("[" * 16 + "]" * 16) == parse_json(" " + "[" * 16 + "]" * 16)
