"""Encoding texts: this project's teacher against `SentenceTransformer.encode`, same model and texts, in turns."""

from __future__ import annotations

import json
from typing import Any

import torch

from benchmarks.options import make_parser, prepare
from benchmarks.timing import best_seconds, machine
from lattice.config import TeacherSettings
from lattice.data import load_teacher
from lattice.data.demo import read_demo

TOLERANCE = 1e-4


def compare(
    texts: list[str], settings: TeacherSettings, device: torch.device, rounds: int, processor_time: bool = False
) -> dict[str, Any]:
    """Encode `texts` both ways and return rates and the largest difference."""
    from sentence_transformers import SentenceTransformer

    teacher = load_teacher(settings, device)
    peer = SentenceTransformer(teacher.files.source, device=str(device)).to(teacher.encoder.precision)
    ours = teacher.encode(texts, use_cache=False)
    theirs = peer.encode(texts, convert_to_tensor=True, show_progress_bar=False)
    seconds = best_seconds(
        {
            "cellcube": lambda: teacher.encode(texts, use_cache=False),
            "sentence-transformers": lambda: peer.encode(texts, convert_to_tensor=True, show_progress_bar=False),
        },
        rounds=rounds,
        budget_seconds=120.0,
        device=device,
        processor_time=processor_time,
    )
    return {
        "texts": len(texts),
        "precision": str(teacher.encoder.precision),
        "texts_per_second": {name: len(texts) / taken for name, taken in seconds.items()},
        "ratio": seconds["sentence-transformers"] / seconds["cellcube"],
        "largest_difference": float((ours.float() - theirs.float()).abs().max()),
    }


def main(arguments: list[str]) -> int:
    """Run the benchmark; exit 1 where a target is missed and `--check` is given."""
    parser = make_parser("encoding", __doc__)
    parser.add_argument("--texts", type=int, default=2000, help="definitions of the demo data, at most 6000")
    parser.add_argument("--teacher", default="minilm", help="hub name, folder, or 'minilm' (default)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precision", default="auto", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    options = parser.parse_args(arguments)
    device = prepare(options)
    demo = read_demo(options.texts)
    mixed = [text for pair in zip(demo.texts, demo.term_texts, strict=True) for text in pair][: options.texts]
    settings = TeacherSettings(model=options.teacher, precision=options.precision)
    compared = compare(mixed, settings, device, options.rounds, options.processor_time)
    found = {"machine": machine(device), **compared}
    if options.json:
        print(json.dumps(found))
    else:
        rates = ", ".join(f"{name} {rate:,.0f} texts/s" for name, rate in found["texts_per_second"].items())
        print(found["machine"])
        print(
            f"{found['texts']:,} texts in {found['precision']}: {rates}; ratio {found['ratio']:.2f}; "
            f"largest difference {found['largest_difference']:.1e}"
        )
    missed = found["ratio"] < 1.0 or found["largest_difference"] > TOLERANCE
    return 1 if options.check and missed else 0
