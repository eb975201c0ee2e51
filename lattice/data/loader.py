"""One loader for every kind of source: texts and embeddings, files, folders and the hub, alone or mixed."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from lattice.config.data import DataSettings
from lattice.config.teacher import TeacherSettings
from lattice.config.training import TrainingEmbeddingSettings
from lattice.data.dataset import EmbeddingDataset, build_dataset
from lattice.data.estimator import GPUMemoryEstimator
from lattice.data.mixing import mix_counts, most_rows
from lattice.data.provenance import TeacherRecord, common_record, record_of
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Remarks
from lattice.data.report import LoadReport
from lattice.data.sample_counts import check_several, few_samples
from lattice.data.sources.base import Opening, Source
from lattice.data.sources.opening import open_source
from lattice.data.table import RowTable
from lattice.data.teacher import Teacher, load_teacher
from lattice.data.texts import PackedTexts, joined_texts
from lattice.data.unused_options import unused_options
from lattice.data.validation import KEPT, REASONS, Bounds, count_reasons
from lattice.errors import DataError, TeacherError
from lattice.log import logger
from lattice.plugins import OBJECTIVES
from lattice.progress import Progress, no_progress


class UnifiedDatasetLoader:
    """Loads one dataset. `report` says what happened, also after a load that failed."""

    def __init__(
        self,
        training: TrainingEmbeddingSettings,
        data: DataSettings | None = None,
        teacher: TeacherSettings | None = None,
        *,
        device: torch.device | str = "cpu",
        progress: Progress | None = None,
        loaded_teacher: Teacher | None = None,
        free_bytes: int | None = None,
    ) -> None:
        """Prepare a load; nothing is opened yet.

        Args:
            training: what to load, how much of it, the objective and the memory reserve.
            data: columns, mixing, bounds and storage.
            teacher: encoder of texts; loaded only if there are any.
            device: device that holds the samples from now on.
            progress: called during long work; raising `Cancelled` in it stops.
            loaded_teacher: a teacher to use in place of loading one.
            free_bytes: stands in for the measured free memory of the device.
        """
        self.training = training
        self.data = data or DataSettings()
        self.teacher_settings = teacher or TeacherSettings()
        self.device = torch.device(device)
        self.progress = progress or no_progress
        self.report = LoadReport()
        self.teacher = loaded_teacher
        self._meter = ReadMeter()
        self._free_bytes = free_bytes
        self._remarks = Remarks()

    def load(self) -> EmbeddingDataset:
        """Read, encode where needed, check and split.

        Raises:
            DataError: a source can't be used, or no row is valid; the message says which and what to do.
            Cancelled: from the progress callback.
        """
        started = time.perf_counter()
        try:
            with contextlib.ExitStack() as closing:
                sources = self._open(closing)
                return self._load(sources)
        finally:
            self.report.bytes_read = self._meter.bytes
            self.report.seconds = time.perf_counter() - started

    def _open(self, closing: contextlib.ExitStack) -> list[Source]:
        pairs = OBJECTIVES[self.training.objective].needs_partners or self.data.pair_columns is not None
        opening = Opening(self.data, pairs, self._meter, self.report, self.progress)
        sources = []
        for index, spec in enumerate((self.training.data, *self.data.extra_data)):
            limit = most_rows(index, self.data.weights, self.training.max_total_samples)
            source = open_source(spec, limit, replace(opening, earlier=self._meter.watched()))
            closing.callback(source.close)
            sources.append(source)
        self._remarks = opening.remarks
        self.report.names = any(source.names for source in sources)
        return sources

    def _load(self, sources: list[Source]) -> EmbeddingDataset:
        check_several(sources)
        if any(source.width is None for source in sources) and self.teacher is None:
            self.teacher = load_teacher(self.teacher_settings, self.device, self.progress)
        if self.teacher is not None and any(source.width is None for source in sources):
            self.report.teacher = self.teacher.description
        self.report.made_by = self._made_by(sources)
        width = self._width(sources)
        dtype = self._storage(sources)
        pairs = all(source.paired for source in sources)
        counts = mix_counts([source.count for source in sources], self.data.weights, self.training.max_total_samples)
        counts, streamed = self._fit(counts, width, dtype, pairs)
        self.report.rows_read = sum(counts) + len(self.report.dropped_texts)
        bounds = Bounds(self.data.min_norm, self.data.max_norm)
        place = torch.device("cpu") if streamed else self.device
        table = RowTable(sum(counts), width, dtype, place, pairs=pairs, bounds=bounds)
        start = 0
        for source, count in zip(sources, counts, strict=True):
            self.report.spans += source.fill(table, start, count, self.teacher, self.progress)
            start += count
        try:
            kept = self._gpu_filter_and_validate(table)
            dataset = self._build(sources, counts, table, kept)  # reads texts and categories
        except DataError:
            self._meter.check_unchanged()  # which then is the reason
            raise
        self._meter.check_unchanged()
        unused = unused_options(self.training, self.data, self.teacher_settings, sources)
        for remark in (*self._remarks.sentences(), *unused):
            self._warn(remark)
        if few := few_samples(len(dataset.train_indices), len(dataset.validation_indices)):
            self._warn(few)
        return dataset.streamed_to(self.device) if streamed else dataset

    def _made_by(self, sources: list[Source]) -> TeacherRecord | None:
        own = None if self.teacher is None else record_of(self.teacher, "encoded the texts when they were loaded")
        return common_record(own if source.width is None else source.made_by for source in sources)

    def _width(self, sources: list[Source]) -> int:
        widths = {}
        for source in sources:
            width = source.width
            if width is None:
                if self.teacher is None:
                    raise TeacherError(f"{source.name} holds texts, but no teacher is loaded")
                width = self.teacher.width
            widths[source.name] = width
        if len(set(widths.values())) > 1:
            listed = ", ".join(f"{name}: {width}" for name, width in widths.items())
            raise DataError(f"the sources have embeddings of different width ({listed}); mix sources of one teacher")
        return next(iter(widths.values()))

    def _storage(self, sources: list[Source]) -> torch.dtype:
        if self.data.storage != "source":
            wanted: torch.dtype = getattr(torch, self.data.storage)
            return wanted
        types = {source.dtype for source in sources}
        common = types.pop() if len(types) == 1 else torch.float32
        return torch.float32 if common == torch.float64 else common

    def _fit(self, counts: list[int], width: int, dtype: torch.dtype, pairs: bool) -> tuple[list[int], bool]:
        """Return the rows that each source may give, and whether they are streamed from the host."""
        estimator = GPUMemoryEstimator(self.device, self.training.gpu_memory_reserve_gb, free_bytes=self._free_bytes)
        budget = estimator.dataset_budget(width, dtype, pairs=pairs)
        total = sum(counts)
        self.report.memory, self.report.budget = budget, budget.explain(total)
        if budget.warning and total * budget.sample_bytes > budget.bytes // 4:
            self._warn(budget.warning)
        if total <= budget.samples:
            return counts, False
        if self.data.beyond_budget == "stream":
            host = GPUMemoryEstimator("cpu").dataset_budget(width, dtype, pairs=pairs)
            if total <= host.samples:
                self._warn(f"{self.report.budget}; they stay in the computer's memory and are streamed batch by batch")
                return counts, True
            self._warn(
                f"{self.report.budget}; nor in the computer's memory: {host.explain(total)}; the rest is left out"
            )
            return [count * host.samples // total for count in counts], True
        self._warn(
            f"{self.report.budget}; the rest is left out. Set data.beyond_budget = 'stream' to use all, "
            "or lower training_embedding.gpu_memory_reserve_gb"
        )
        return [count * budget.samples // total for count in counts], False

    def _warn(self, message: str) -> None:
        logger.warning("data: %s", message)
        self.report.warnings.append(message)

    def _gpu_filter_and_validate(self, table: RowTable) -> Tensor:
        """Settle the checks on the table's device, report what is dropped, close the gaps; return the kept indices."""
        table.finish(drop_duplicates=self.data.drop_duplicates)
        counts = count_reasons(table.codes)
        for reason in counts:
            rows = (table.codes == REASONS.index(reason)).nonzero().squeeze(1)
            self.report.dropped_rows[reason] = rows.cpu().numpy()
        kept = (table.codes == KEPT).nonzero().squeeze(1)
        self.report.kept = len(kept)
        if self.report.dropped:
            first = self.report.bad_rows(3)
            shown = "; ".join(f"{bad.origin}: {bad.reason}" for bad in first)
            logger.warning("data: %s (first: %s)", self.report.summary(), shown)
        if len(kept) == 0:
            listed = ", ".join(f"{count} {reason}" for reason, count in self.report.dropped.items()) or "no rows at all"
            where = "".join(f" ({bad.origin}: {bad.reason})" for bad in self.report.bad_rows(1))
            raise DataError(f"no valid row is left: {listed}{where}; check data.min_norm, data.max_norm, or the files")
        table.compact(kept)
        return kept

    def _build(self, sources: list[Source], counts: list[int], table: RowTable, kept: Tensor) -> EmbeddingDataset:
        shares = list(zip(sources, counts, strict=True))
        pairs = len(table.columns) == 2
        texts = [source.texts(False, count) for source, count in shares]
        partner_texts = [source.texts(True, count) if pairs else None for source, count in shares]
        categories = [source.categories(count) for source, count in shares]
        return build_dataset(
            table.columns[0],
            source=" + ".join(source.name for source in sources),
            validation_fraction=self.training.validation_fraction,
            partners=table.columns[1] if pairs else None,
            texts=_join(texts, counts, kept, self.report.origin),
            partner_texts=_join(partner_texts, counts, kept, self.report.origin),
            categories=_join(categories, counts, kept, lambda row: ""),
            report=self.report,
            hashes=table.hashes.cpu().numpy().view(np.uint64),
        )


def _join(
    parts: Sequence[Sequence[str] | None], counts: Sequence[int], kept: Tensor, missing: Callable[[int], str]
) -> Sequence[str] | None:
    """Join one column of all sources and keep its rows `kept`; `missing(row)` stands in where a source has none."""
    if all(part is None for part in parts):
        return None
    starts = itertools.accumulate(counts, initial=0)
    columns = [
        [missing(row) for row in range(start, start + count)] if part is None else part
        for part, start, count in zip(parts, starts, counts, strict=False)
    ]
    whole = joined_texts(columns)
    if len(kept) == len(whole):
        return whole
    if isinstance(whole, PackedTexts):
        return whole.take(kept.cpu().numpy())
    return [whole[row] for row in kept.tolist()]
