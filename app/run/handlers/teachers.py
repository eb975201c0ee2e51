"""Commands that put a teacher to work: encoding a file of texts, and single sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.run.active_run import ActiveRun
from app.run.commands import ProbeAnswer, ProbeSentence
from app.run.file_commands import EncodedTexts, EncodeTexts
from app.run.loaded_teacher import LoadedTeacher
from lattice.errors import CellcubeError

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset


def encode_texts(run: ActiveRun, command: EncodeTexts) -> EncodedTexts:
    """Encode a file of texts into a file of embeddings."""
    from lattice.data import Columns, encode_file
    from lattice.devices import choose_device

    def progress(what: str, done: int, total: int | None) -> None:
        run.work_progress(f"Encoding {command.source.name}" if what == "encoding" else what, done, total)

    columns = Columns(text=command.column, pair=command.pair)
    device = choose_device(command.device)
    report = encode_file(command.source, command.out, command.teacher, columns, progress, device=device)
    return EncodedTexts(report.kept, report.dropped_count, report.teacher)


def probe_sentence(run: ActiveRun, command: ProbeSentence) -> ProbeAnswer:
    """Load a teacher for the run's data, or use the one that is loaded, and encode a sentence.

    What a person can put right comes back as an answer that names the problem, not as an error.
    """
    dataset = run.need_trainer().dataset
    if dataset.fingerprint != command.fingerprint:
        return ProbeAnswer(command.fingerprint, command.teacher, problem="Another run was opened meanwhile.")
    try:
        probe = _loaded(run, command, dataset).teacher
        return ProbeAnswer(
            command.fingerprint,
            command.teacher,
            agreement=probe.agreement,
            made_the_data=probe.made_the_data,
            embedding_D=probe.encode(command.text) if command.text else None,
        )
    except CellcubeError as error:
        problem = f"{str(error)[:1].upper()}{str(error)[1:]}"
        return ProbeAnswer(command.fingerprint, command.teacher, problem=problem)


def _loaded(run: ActiveRun, command: ProbeSentence, dataset: EmbeddingDataset) -> LoadedTeacher:
    kept = run.teacher
    if kept is None or kept.settings != command.teacher or kept.fingerprint != command.fingerprint:
        from lattice.data.probe import load_probe_teacher

        teacher = load_probe_teacher(command.teacher, dataset, progress=run.work_progress)
        run.teacher = kept = LoadedTeacher(command.teacher, command.fingerprint, teacher)
    return kept
