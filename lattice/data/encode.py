"""From a file of texts to a file of embeddings."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from lattice.atomic import atomic_path
from lattice.config.data import DataSettings
from lattice.config.teacher import TeacherSettings
from lattice.data.column_names import NONE
from lattice.data.provenance import record_of, to_notes
from lattice.data.readers import embedding_file
from lattice.data.readers.counted import ReadMeter
from lattice.data.report import LoadReport
from lattice.data.requested_columns import Columns
from lattice.data.sources.base import Opening
from lattice.data.sources.opening import open_source
from lattice.data.sources.texts import TextsSource
from lattice.data.teacher import Teacher, load_teacher
from lattice.data.texts import PackedTexts
from lattice.errors import DataError
from lattice.formats import TENSORS_ENDING
from lattice.log import logger
from lattice.progress import Progress, no_progress


def encode_file(
    source: Path | str,
    out: Path | str,
    teacher: TeacherSettings | None = None,
    columns: Columns | None = None,
    progress: Progress | None = None,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float16,
    limit: int | None = None,
    loaded_teacher: Teacher | None = None,
) -> LoadReport:
    """Encode the texts of `source` and write them with their embeddings to a `.safetensors` file.

    The file holds `embeddings` [S, D], `partners` for pairs, and the texts; it can be loaded as data. Rows without a
    text are left out and listed in the report. What was encoded before a cancel is in the cache and is not encoded
    again by the next call.

    Args:
        source: file or folder of texts, or `hub:owner/name`.
        out: file to write; written whole or not at all.
        teacher: the encoder.
        columns: which columns hold the texts; guessed if left out.
        progress: called while reading and encoding; raising `Cancelled` in it stops.
        device: device that encodes.
        dtype: number type of the embeddings in the file.
        limit: most rows read.
        loaded_teacher: a teacher to use in place of loading one.

    Raises:
        DataError: the source holds no texts, or `out` can't be written.
        TeacherError: the teacher can't be loaded.
        Cancelled: from `progress`.
    """
    out = Path(out).expanduser()
    if out.suffix != TENSORS_ENDING:
        raise DataError(f"{out}: embeddings are written as .safetensors; give the file that suffix")
    progress, wanted, meter, report = progress or no_progress, columns or Columns(), ReadMeter(), LoadReport()
    data = DataSettings(
        text_column=wanted.text, pair_columns=wanted.pair, vector_column=NONE, table=wanted.table, drop_duplicates=False
    )
    opening = Opening(data, wanted.want_pairs, meter, report, progress)
    opened = open_source(str(source), limit, opening)
    if not isinstance(opened, TextsSource):
        opened.close()
        raise DataError(f"{source} holds embeddings already; expected texts to encode")
    encoder = loaded_teacher or load_teacher(teacher or TeacherSettings(), device, progress)
    names = [(embedding_file.EMBEDDINGS, embedding_file.TEXTS, False)]
    if opened.paired:
        names.append((embedding_file.PARTNERS, embedding_file.PARTNER_TEXTS, True))
    tensors: dict[str, Tensor] = {}
    for rows_name, texts_name, partner in names:
        texts = opened.texts(partner, opened.count)
        rows = torch.empty(len(texts), encoder.width, dtype=dtype)
        for start, part in opened.encoded(encoder, partner, opened.count, dtype, progress):
            rows[start : start + len(part)] = part
        tensors[rows_name] = rows
        for name, values in PackedTexts.pack(texts).arrays(texts_name).items():
            tensors[name] = torch.from_numpy(values)
    report.warnings += opening.remarks.sentences()
    for remark in report.warnings:
        logger.warning("data: %s", remark)
    report.made_by = record_of(encoder, f"encoded {source} now")
    _write(out, tensors, {**to_notes(report.made_by), "source": str(source)})
    report.rows_read = opened.count + len(report.dropped_texts)
    report.kept, report.bytes_read, report.teacher = opened.count, meter.bytes, encoder.description
    return report


def _write(out: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    try:
        with atomic_path(out) as temporary:
            save_file(tensors, temporary, metadata=metadata)
    except (OSError, SafetensorError) as error:
        raise DataError(
            f"can't write {out}: {error}. Free some disk space or choose another folder; "
            "nothing that was encoded is lost, it is in the cache"
        ) from error
