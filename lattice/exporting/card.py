"""A model card: what a student is, what it was trained on, what it scores, how to use it.

In the form of the Hugging Face hub: Markdown with metadata at the top.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lattice.config import SimpleProjectConfig
from lattice.data.provenance import NO_TEACHER
from lattice.exporting.forms import ONNX_ENDING, PROGRAM_ENDING, Exported
from lattice.training.reports import EvalReport
from lattice.training.resume_proof import ResumeProof
from lattice.training.score_rows import NAMES, ranked_name
from lattice.version import __version__

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

_USE = {
    ".safetensors": """\
from lattice import load_student

student = load_student("{name}")
embeddings = student.encode(rows)    # float [S, {width}] in and out
""",
    ONNX_ENDING: """\
import onnxruntime

session = onnxruntime.InferenceSession("{name}")
(embeddings,) = session.run(["student"], {{"embeddings": rows}})    # float32 [S, {width}] in and out
""",
    PROGRAM_ENDING: """\
import torch

student = torch.export.load("{name}").module()
embeddings = student(rows)    # float32 [S, {width}] in and out
""",
}


@dataclass(frozen=True)
class TrainedOn:
    """The data of a run, as its card names it."""

    source: str
    samples: int
    held_out: int
    width: int
    """Embedding width D."""
    teacher: str = NO_TEACHER
    """What made the embeddings, for people."""
    teacher_model: str = ""
    """Its name or folder; empty if it is unknown."""


def trained_on(dataset: EmbeddingDataset) -> TrainedOn:
    """Return how a card names a run's data."""
    report = dataset.report
    known = None if report is None else report.made_by
    return TrainedOn(
        dataset.source,
        len(dataset),
        len(dataset.validation_indices),
        dataset.width,
        dataset.teacher_text,
        "" if known is None else known.settings.model,
    )


def model_card(
    name: str,
    config: SimpleProjectConfig,
    data: TrainedOn,
    report: EvalReport,
    exported: Exported | None = None,
    proof: ResumeProof | None = None,
    picture: str | None = None,
) -> str:
    """Return the card of an exported student.

    Args:
        name: of the file that the card describes.
        config: of the run.
        data: that it was trained on.
        report: its newest scores.
        exported: how the program was checked, for a program.
        proof: what the last proof of resume found.
        picture: file name of a picture of the cube, beside the card.
    """
    from huggingface_hub import ModelCardData

    teacher = data.teacher_model
    metadata = ModelCardData(
        library_name="cellcube",
        tags=["cellular-neural-network", "embeddings", config.training_embedding.objective],
        # A folder or a short name is no address on the hub.
        base_model=teacher if teacher.count("/") == 1 and not Path(teacher).exists() else None,
    )
    sides = "x".join(map(str, config.lattice.dimensions))
    parts = [
        f"---\n{metadata.to_yaml()}\n---\n",
        f"# {Path(name).stem}\n",
        f"A cube of {sides} neural cells, trained with Cellcube {__version__} for {report.training_step:,} training "
        f"steps. An embedding is painted on the cube, the cells exchange messages for {config.lattice.lattice_steps} "
        "lattice steps, and an embedding is read back.\n",
        *([f"![The cube]({picture})\n"] if picture else []),
        "## Use\n",
        f"```python\n{_USE[Path(name).suffix.lower()].format(name=name, width=data.width)}```\n",
        f"Rows are embeddings of width {data.width} of the same teacher"
        + (", of any length.\n" if config.embedding_mapping.normalize_embeddings else ", at their own length.\n"),
        "## Data and teacher\n",
        f"- Data: {data.source}, {data.samples:,} samples, {data.held_out:,} of them held out\n"
        f"- Teacher: {data.teacher}\n"
        f"- Objective: {config.training_embedding.objective}\n",
        "## Scores\n",
        _scores(report),
        *([f"The program was read back and compared with the student on {exported.samples} samples: its largest "
           f"difference is {exported.difference:.1e} a component.\n"] if exported else []),
        *([f"## Resuming\n\n{proof.summary()}.\n"] if proof else []),
        "## Settings\n",
        f"```toml\n{config.to_toml()}```\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _scores(report: EvalReport) -> str:
    """Return the student's scores beside those that it must beat, as a table."""
    rows = {"student": report.student, NAMES["t0"]: report.t0}
    rows |= {ranked_name(key, report.baseline_rank): scores for key, scores in report.baselines.items()}
    lines = [
        f"On {report.samples:,} held-out samples, after {report.training_step:,} training steps. Squared errors are "
        "relative to the targets' deviation from their mean.\n",
        "| | cosine | relative squared error | retrieval at 1 | retrieval at 5 |",
        "|---|---|---|---|---|",
    ]
    for name, scores in rows.items():
        values = (scores.cosine, scores.nmse, scores.retrieval_at_1, scores.retrieval_at_5)
        lines.append(f"| {name} | {' | '.join(f'{value:.4f}' for value in values)} |")
    return "\n".join(lines) + "\n"
