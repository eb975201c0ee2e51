"""One damaged file, and what the program makes of it."""

from __future__ import annotations

import json
import random
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import safetensors
import safetensors.torch
import tomlkit
import torch

from app.actions.file_kinds import kind_of
from app.run.leftovers import find_leftovers
from lattice.config import SimpleProjectConfig
from lattice.config.data import DataSettings
from lattice.config.training import TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, build_dataset
from lattice.data.loader import UnifiedDatasetLoader
from lattice.data.sources.texts import TextsSource
from lattice.errors import CellcubeError, TeacherError
from lattice.training.trainer import EmbeddingTrainer
from tools.damage.mutations import damaged_bytes, damaged_tensors, damaged_value

KINDS = ("checkpoint", "settings", "embeddings", "texts", "note")
MOST_SECONDS = 30
"""A case that takes longer is a fault, however busy the machine is."""
MOST_BYTES = 1 << 30
"""Resident memory that a case may add."""
LONGEST_MESSAGE = 3100
SETTINGS = (
    "lattice.dimensions=[3, 3, 3]", "lattice.adaptive_radius_ratio=0.5", "lattice.local_distance_ratio=0.7",
    "lattice.functional_distance_ratio=0.95", "lattice.lattice_steps=1", "model.state_size=4",
    "model.message_channels=2", "model.similarity_channels=2", "model.value_channels=2", "model.expert_hidden=3",
    "model.position_frequencies=1", "training_embedding.batch_size=4", "training_embedding.evaluation_samples=4",
    "device.policy=cpu", "neighbors.engine=reference",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    what: str
    """`used`, `refused` or `fault`."""
    words: str = ""


class Payload:
    """Leaves a file behind when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Return a call that any unpickler would make."""
        return (Path.touch, (Path("code-ran"),))


class Workbench:
    """Sound files of every kind in one folder, and damaged copies of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Make the sound files."""
        self.folder, self.seed = folder, seed
        rows = torch.nn.functional.normalize(torch.randn(12, 5, generator=torch.Generator().manual_seed(0)), dim=-1)
        self.config = SimpleProjectConfig().override(SETTINGS)
        self.dataset: EmbeddingDataset = build_dataset(rows, source="rows", validation_fraction=0.25)
        trainer = EmbeddingTrainer(self.config, self.dataset)
        trainer.advance(2)
        trainer.save(folder / "sound.safetensors")
        self.checkpoint = (folder / "sound.safetensors").read_bytes()
        self.engine = trainer.tier_means
        with safetensors.safe_open(folder / "sound.safetensors", framework="pt") as file:
            self.head = json.loads(file.metadata()["cellcube"])
            self.tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
        self.files = _embedding_files(folder, rows)
        self.texts = _text_files(folder)

    def run(self, kind: str, number: int) -> Outcome:
        """Damage one file of a kind and use it; the same number gives the same damage."""
        chance = random.Random(f"{self.seed} {kind} {number}")
        make: Callable[[random.Random], Callable[[], object]] = getattr(self, f"_{kind}")
        use = make(chance)
        before, began = psutil.Process().memory_info().rss, time.monotonic()
        try:
            with _no_longer_than(MOST_SECONDS), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # libraries warn about some kinds of damage
                use()
            outcome = Outcome("used")
        except CellcubeError as error:
            words = str(error)
            bad = "\n" in words or (not words.isprintable() and len(words) > LONGEST_MESSAGE)
            outcome = Outcome("fault" if bad else "refused", words[:300])
        except BaseException as error:  # whatever else it is, is what this looks for
            outcome = Outcome("fault", f"{type(error).__name__}: {str(error)[:300]}")
        grown = psutil.Process().memory_info().rss - before
        if (self.folder / "code-ran").exists() or Path("code-ran").exists():
            outcome = Outcome("fault", "code out of the file was run")
        elif grown > MOST_BYTES:
            outcome = Outcome("fault", f"took {grown >> 20} MiB")
        elif time.monotonic() - began > MOST_SECONDS:
            outcome = Outcome("fault", f"took {time.monotonic() - began:.0f} s")
        return outcome

    def _checkpoint(self, chance: random.Random) -> Callable[[], object]:
        path = self.folder / "damaged.safetensors"
        kind = chance.randrange(3)
        if kind == 0:
            path.write_bytes(damaged_bytes(self.checkpoint, chance))
        else:
            head, tensors = self.head, self.tensors
            if kind == 1:
                head = damaged_value(head, chance)
            else:
                tensors = damaged_tensors(tensors, chance)
            note = json.dumps(head)
            safetensors.torch.save_file(tensors, path, metadata={"cellcube": note})

        def use() -> None:
            kind_of(path)
            trainer = EmbeddingTrainer.resume(path, dataset=self.dataset, policy="cpu")
            trainer.step()
            for name, value in trainer.student.state_dict().items():
                if not torch.isfinite(value).all():
                    raise ArithmeticError(f"the first update made {name} not finite")

        return use

    def _settings(self, chance: random.Random) -> Callable[[], object]:
        path = self.folder / "damaged.toml"
        content = self.config.to_toml().encode()
        if chance.random() < 0.5:
            path.write_bytes(damaged_bytes(content, chance))
        else:
            try:
                path.write_text(tomlkit.dumps(damaged_value(self.config.to_mapping(), chance)), encoding="utf-8")
            except Exception:  # not every value can be written as TOML
                path.write_bytes(content + chance.choice((b"[" * 100_000, b"x = " + b"9" * 5_000, b"\xff")))
        return lambda: SimpleProjectConfig.from_toml(path)

    def _embeddings(self, chance: random.Random) -> Callable[[], object]:
        suffix, content = chance.choice(self.files)
        path = self.folder / f"damaged{suffix}"
        path.write_bytes(damaged_bytes(content, chance))
        training = TrainingEmbeddingSettings(data=str(path), max_total_samples=1000)
        return lambda: UnifiedDatasetLoader(training, DataSettings(), device="cpu").load()

    def _texts(self, chance: random.Random) -> Callable[[], object]:
        suffix, content = chance.choice(self.texts)
        path = self.folder / f"damaged{suffix}"
        path.write_bytes(damaged_bytes(content, chance))
        loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(), device="cpu")

        def use() -> None:
            with ExitStack() as closing:
                for source in loader._open(closing):
                    if not isinstance(source, TextsSource):
                        raise TeacherError(f"{path} holds no texts")

        return use

    def _note(self, chance: random.Random) -> Callable[[], object]:
        folder = self.folder / "autosave"
        folder.mkdir(exist_ok=True)
        told = {"pid": 2**22 + 9, "started": 1.0, "name": "small", "training_step": 3, "saved_at": 5.0}
        text = json.dumps(damaged_value(told, chance)).encode()
        content = damaged_bytes(text, chance) if chance.random() < 0.5 else text
        (folder / "run-4194313.json").write_bytes(content)
        (folder / "run-4194313.safetensors").write_bytes(self.checkpoint[:20_000])
        return lambda: find_leftovers(folder)


def _embedding_files(folder: Path, rows: torch.Tensor) -> list[tuple[str, bytes]]:
    save: dict[str, Callable[[Path], object]] = {
        "a.safetensors": lambda path: safetensors.torch.save_file({"embeddings": rows, "partners": rows.clone()}, path),
        "a.npy": lambda path: np.save(path, rows.numpy()),
        "b.npy": lambda path: np.save(path, np.array([[Payload()]], dtype=object), allow_pickle=True),
        "a.npz": lambda path: np.savez_compressed(path, embeddings=rows.numpy()),
        "a.pt": lambda path: torch.save({"embeddings": rows}, path),
        "b.pt": lambda path: torch.save({"embeddings": Payload()}, path),
    }
    files = []
    for name, write in save.items():
        write(folder / name)
        files.append((Path(name).suffix, (folder / name).read_bytes()))
    return files


def _text_files(folder: Path) -> list[tuple[str, bytes]]:
    columns = {"text": [f"sentence {number}" for number in range(12)], "id": list(range(12))}
    pq.write_table(pa.table(columns), folder / "a.parquet")
    pq.write_table(pa.table(columns), folder / "b.parquet", compression="zstd", use_dictionary=False)
    lines = "".join(json.dumps({"text": f"sentence {number}", "id": number}) + "\n" for number in range(12))
    table = "text,id\n" + "".join(f'"sentence {number}",{number}\n' for number in range(12))
    return [
        (".parquet", (folder / "a.parquet").read_bytes()),
        (".parquet", (folder / "b.parquet").read_bytes()),
        (".jsonl", lines.encode()),
        (".csv", table.encode()),
        (".tsv", table.replace(",", "\t").encode()),
        (".txt", b"one\ntwo\n\nthree\n"),
    ]


@contextmanager
def _no_longer_than(seconds: int) -> Any:
    """End what takes longer with a `TimeoutError`, where the platform has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"the file was not read or refused within {seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
