"""What WikiExtractor writes is one text an article, in files without an ending."""

from __future__ import annotations

import bz2
import json
from pathlib import Path

import pytest

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.wiki_extract import extract_records, is_extract
from lattice.errors import DataError
from tests.lattice.data.layouts import TEXTS

TITLES = [f'The "{word}" of A &amp; B' for word in ("cat", "dog", "house")]
PLAIN = [f'The "{word}" of A & B' for word in ("cat", "dog", "house")]


def articles(titles: list[str], texts: list[str]) -> str:
    return "".join(
        f'<doc id="{n}" url="https://a.org?curid={n}" title="{title}">\n{title}\n\n{text}\nAnd more.\n\n</doc>\n'
        for n, (title, text) in enumerate(zip(titles, texts, strict=True), 12)
    )


@pytest.mark.parametrize("name", ["wiki_00", "a.txt", "wiki_00.bz2"])
def test_each_article_is_a_text_without_its_title(tmp_path: Path, name: str) -> None:
    content = articles(TITLES, TEXTS[:3]).encode()
    (tmp_path / name).write_bytes(bz2.compress(content) if name.endswith("bz2") else content)
    preview = preview_data(str(tmp_path / name), DataSettings())
    assert [row.text for row in preview.rows] == [f"{text}\nAnd more." for text in TEXTS[:3]]
    assert "one text for each article" in preview.notes[0]
    preview = preview_data(str(tmp_path / name), DataSettings(), want_pairs=True)
    assert [row.text for row in preview.rows] == PLAIN


def test_a_folder_of_extracts_is_read_in_order_and_names_no_categories(tmp_path: Path) -> None:
    for place, (folder, file) in enumerate((("AA", "wiki_00"), ("AA", "wiki_01"), ("AB", "wiki_00"))):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / file).write_text(articles([TITLES[place]], [TEXTS[place]]))
    preview = preview_data(str(tmp_path), DataSettings())
    assert [(row.text, row.category) for row in preview.rows] == [(f"{text}\nAnd more.", "") for text in TEXTS[:3]]


def test_extracts_as_json_lines_have_no_ending_either(tmp_path: Path) -> None:
    lines = [json.dumps({"id": str(n), "url": "x", "title": "T", "text": text}) for n, text in enumerate(TEXTS)]
    (tmp_path / "wiki_00").write_text("\n".join(lines))
    preview = preview_data(str(tmp_path / "wiki_00"), DataSettings())
    assert [row.text for row in preview.rows] == TEXTS[:5]
    assert "text" in preview.columns


def test_damaged_extracts_name_the_line() -> None:
    whole = list(enumerate(articles(TITLES, TEXTS[:3]).splitlines(), 1))
    assert is_extract([line for _, line in whole])
    with pytest.raises(DataError, match=r"a: the article that begins in line 15 has no </doc>"):
        list(extract_records(Path("a"), whole[:-1], ReadMeter()))
    with pytest.raises(DataError, match=r"a line 22 stands outside of <doc> and </doc>: 'more'"):
        list(extract_records(Path("a"), [*whole, (22, "more")], ReadMeter()))
    assert not is_extract(["<document>", "x"])
    assert not is_extract([])
    assert not is_extract(["a <doc id=1>"])
