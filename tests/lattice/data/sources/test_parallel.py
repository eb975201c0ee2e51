"""Files of the same texts in two languages are pairs, line by line; one of them alone is texts."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from lattice.config import DataSettings
from lattice.data.readers.counted import ReadMeter
from lattice.data.report import LoadReport
from lattice.data.sources.base import Opening
from lattice.data.sources.opening import open_source
from lattice.data.sources.parallel import others_of, parallel_groups
from lattice.errors import DataError
from lattice.progress import no_progress
from tests.lattice.data.layouts import TEXTS, jsonl, packed, records

OTHERS = [f"{text}!" for text in TEXTS]


def pairs_of(path: Path, **settings: object) -> list[tuple[str, str]]:
    source, _ = opened(path, True, **settings)
    return list(zip(source[0], source[1] or [], strict=True))


def opened(path: Path, pairs: bool, **settings: object) -> tuple[tuple[list[str], list[str] | None], LoadReport]:
    report = LoadReport()
    data = DataSettings.model_validate(settings)
    with contextlib.closing(
        open_source(str(path), None, Opening(data, pairs, ReadMeter(), report, no_progress))
    ) as found:
        partners = found.texts(True, found.count) if found.paired else None
        return (list(found.texts(False, found.count) or ()), None if partners is None else list(partners)), report


def both(folder: Path, first: str, second: str, count: int = len(TEXTS)) -> Path:
    (folder / first).write_text("\n".join(TEXTS) + "\n")
    (folder / second).write_text("\n".join(OTHERS[:count]) + "\n")
    return folder


NAMES = {
    "Moses": ("corpus.en", "corpus.de", False),
    "OPUS": ("Books.de-en.de", "Books.de-en.en", True),
    "Portuguese": ("europarl-v7.pt-en.pt", "europarl-v7.pt-en.en", True),
    "sides": ("train.src", "train.tgt", True),
    "source and target": ("val.source", "val.target", True),
    "regions": ("news.en-GB", "news.zh_CN", True),
    "OpenNMT": ("src-train.txt", "tgt-train.txt", True),
    "languages before the ending": ("a.cs.txt", "a.en.txt", True),
    "languages alone": ("de", "en", True),
}
"""Two files, and whether the first one is the source of its folder too."""


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_two_languages_are_pairs(tmp_path: Path, name: str) -> None:
    first, second, forwards = NAMES[name]
    both(tmp_path, first, second)
    pairs = list(zip(TEXTS, OTHERS, strict=True))
    turned = list(zip(OTHERS, TEXTS, strict=True))
    assert pairs_of(tmp_path / first) == pairs
    assert pairs_of(tmp_path / second) == turned
    assert pairs_of(tmp_path) == (pairs if forwards else turned)


def test_one_side_alone_is_texts_and_the_other_is_named(tmp_path: Path) -> None:
    both(tmp_path, "corpus.en", "corpus.de")
    (texts, partners), report = opened(tmp_path / "corpus.en", False)
    assert (texts, partners) == (TEXTS, None)
    assert report.left_aside == [
        "corpus.en: left aside 'corpus.de', the same texts in another language (the objective pairs reads both)"
    ]
    assert opened(tmp_path, False, text_column="de")[0] == (OTHERS, None)
    (tmp_path / "corpus.de").unlink()
    (texts, partners), report = opened(tmp_path / "corpus.en", False)
    assert (texts, partners, report.left_aside) == (TEXTS, None, [])


def test_sides_of_a_translation_are_told_whatever_the_objective_and_two_languages_with_an_ending_are_both_read(
    tmp_path: Path,
) -> None:
    for name in ("sides", "languages"):
        (tmp_path / name).mkdir()
    both(tmp_path / "sides", "src-train.txt", "tgt-train.txt")
    for path, other, expected in (
        ("", "tgt", TEXTS),
        ("src-train.txt", "tgt", TEXTS),
        ("tgt-train.txt", "src", OTHERS),
    ):
        (texts, partners), report = opened(tmp_path / "sides" / path, False)
        assert (texts, partners) == (expected, None)
        assert f"left aside '{other}-train.txt', the same texts" in report.left_aside[0]
    both(tmp_path / "languages", "a.en.txt", "a.de.txt")
    (texts, _), report = opened(tmp_path / "languages", False)
    assert texts == [*OTHERS, *TEXTS]
    assert report.left_aside == []


def test_lines_that_differ_in_number_are_refused_with_both_numbers(tmp_path: Path) -> None:
    both(tmp_path, "a.en", "a.de", 13)
    with pytest.raises(DataError, match=r"a\.en has 16 and a\.de has 13 lines; line i of one should belong to line i"):
        pairs_of(tmp_path / "a.en")
    with pytest.raises(DataError, match=r"a\.de has 13 and a\.en has 16 lines"):
        pairs_of(tmp_path)


def test_splits_and_several_languages_are_chosen(tmp_path: Path) -> None:
    both(tmp_path, "train.en", "train.de")
    both(tmp_path, "dev.de", "dev.en")
    assert pairs_of(tmp_path, split="dev")[0] == (TEXTS[0], OTHERS[0])
    assert pairs_of(tmp_path)[0] == (OTHERS[0], TEXTS[0])
    (tmp_path / "train.fr").write_text("\n".join(["un chat"] * len(TEXTS)))
    with pytest.raises(DataError, match=r"can't tell which two languages are the pairs \('de', 'en', 'fr'\); name"):
        pairs_of(tmp_path)
    assert pairs_of(tmp_path, pair_columns=["en", "fr"])[0] == (TEXTS[0], "un chat")
    with pytest.raises(DataError, match=r"have no language 'xx'; they have 'de', 'en', 'fr'"):
        pairs_of(tmp_path, pair_columns=["en", "xx"])


def test_packed_sides_and_blank_lines(tmp_path: Path) -> None:
    both(tmp_path, "a.en", "a.de")
    (tmp_path / "a.de").write_text("\n".join([OTHERS[0], "", *OTHERS[2:]]))
    for name in ("a.en", "a.de"):
        packed(tmp_path / name, ".gz")
    expected = [pair for row, pair in enumerate(zip(TEXTS, OTHERS, strict=True)) if row != 1]
    assert pairs_of(tmp_path / "a.en.gz") == expected


def test_several_corpora_follow_each_other_and_others_are_named(tmp_path: Path) -> None:
    both(tmp_path, "news.en", "news.de")
    both(tmp_path, "talks.en", "talks.de", 16)
    (tmp_path / "alone.en").write_text("a text\n")
    (texts, partners), report = opened(tmp_path, True)
    assert texts == OTHERS
    assert partners == TEXTS
    assert any("'alone.en', which have no other language" in note for note in report.left_aside)


def test_files_of_lines_are_no_parallel_texts_by_chance(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("a.txt", "b.txt", "part-1.en", "part-2.en", "x.en", "y.de")]
    assert parallel_groups(paths) == []
    jsonl(tmp_path / "c.en", records(text=TEXTS))
    jsonl(tmp_path / "c.de", records(text=OTHERS))
    assert others_of(tmp_path / "c.en") is not None
    assert opened(tmp_path / "c.en", False)[0] == (TEXTS, None), "records are no lines"
