"""Loads a teacher's parts, model, tokenizer and layout, from wherever its files are."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lattice.config.teacher import TeacherSettings
from lattice.data.hub_download import download, list_files
from lattice.data.importing import import_transformers
from lattice.data.teachers.adapter import ADAPTER, AdapterOnAdapterError, apply_adapter, base_of
from lattice.data.teachers.files import (
    AUTO,
    PACKAGED,
    USUAL,
    TeacherFiles,
    can_not_load,
    packaged_folder,
    packaged_teacher_installed,
    refuse_pointers,
    without_config,
)
from lattice.data.teachers.layout import MODULES, Layout, read_layout
from lattice.data.teachers.static import load_static
from lattice.data.teachers.steps import default_steps, embedding_width
from lattice.data.teachers.tokens import load_tokenizer
from lattice.data.teachers.weights import ModelPlace, load_model
from lattice.errors import TeacherError
from lattice.log import logger
from lattice.progress import Cancelled, Progress, no_progress


@dataclass(frozen=True, eq=False)
class Parts:
    """A teacher's parts, loaded."""

    files: TeacherFiles
    layout: Layout
    model: Any
    tokenizer: Any


def load_parts(settings: TeacherSettings, progress: Progress = no_progress, adapter: str | None = None) -> Parts:
    """Return the parts of a teacher.

    Args:
        settings: which one, and how it is used.
        progress: called during a download.
        adapter: the adapter that the teacher is to be the base of, so that it may be none itself.

    Raises:
        TeacherError: names the model, what was tried, and the ways out.
        Cancelled: from `progress`.
    """
    if settings.model == AUTO:
        return _load_auto(settings, progress)
    name = settings.model
    folder = packaged_folder() if name == PACKAGED else Path(name).expanduser()
    if folder.is_dir():
        try:
            label = PACKAGED if name == PACKAGED else str(folder.resolve())
            return _read_parts(TeacherFiles(label, str(folder), ""), progress, adapter, local=True)
        except (TeacherError, Cancelled):
            raise
        except Exception as error:  # transformers and tokenizers raise many types on damaged files
            raise can_not_load(name, folder, error) from error
    try:
        return _from_hub(TeacherFiles(name, name, "", settings.revision), progress, adapter)
    except (TeacherError, Cancelled):
        raise
    except Exception as error:  # the hub's client raises many types
        raise can_not_load(name, None, error) from error


def _load_auto(settings: TeacherSettings, progress: Progress) -> Parts:
    """Load the usual teacher of the hub; where it can't be had, the packaged one if it is installed."""
    try:
        return load_parts(settings.model_copy(update={"model": USUAL}), progress)
    except TeacherError as error:
        if not packaged_teacher_installed():
            raise
        logger.warning(
            "teacher: %s encodes the texts, which is installed here; name a teacher (teacher.model) to have no other. "
            "The usual one can't be had: %s",
            PACKAGED,
            error,
        )
        return load_parts(settings.model_copy(update={"model": PACKAGED, "revision": None}), progress)


def teacher_width(settings: TeacherSettings) -> int | None:
    """Return the embedding width that a teacher's own files state, without its weights; None if they state none.

    Of a teacher on the hub that is not on this machine, these small files alone are fetched.

    Raises:
        TeacherError: there is no such teacher.
    """
    name = settings.model
    if name == AUTO:
        return None
    folder = packaged_folder() if name == PACKAGED else Path(name).expanduser()
    local = folder.is_dir()
    files = TeacherFiles(name, str(folder) if local else name, "", settings.revision)
    import_transformers()
    from transformers import AutoConfig

    try:
        if not local and not files.cached and (problem := _not_reachable(files)) is not None:
            raise problem
        layout = _checked_layout(files, local=local)
        if layout.static or base_of(name, layout, files.find) is not None:
            return None
        with quiet_transformers():
            place = ModelPlace(name, files.source, settings.revision, local, files.find, layout)
            config = AutoConfig.from_pretrained(place.source, **place.options())
    except TeacherError:
        raise
    except Exception as error:  # the hub's client raises many types
        raise can_not_load(name, folder if local else None, error) from error
    width = getattr(config, "hidden_size", None)
    steps = default_steps(settings, layout, config)
    return embedding_width(name, width, steps, settings.truncate_dim or layout.truncate_dim) if width else None


def _checked_layout(files: TeacherFiles, *, local: bool) -> Layout:
    if local and not any(files.find(name) is not None for name in ("config.json", MODULES, ADAPTER)):
        raise without_config(Path(files.source))
    if local:
        refuse_pointers(Path(files.source))
    return read_layout(files.name, files.find)


def _read_parts(files: TeacherFiles, progress: Progress, adapter: str | None, *, local: bool) -> Parts:
    files = replace(files, offline=local)
    layout = _checked_layout(files, local=files.is_folder)
    if layout.static:
        import_transformers()
        model, tokenizer = load_static(files.name, layout, files.find)
        return Parts(files.identified(), layout, model, tokenizer)
    base = base_of(files.name, layout, files.find)
    if base is not None:
        if adapter is not None:
            raise AdapterOnAdapterError(adapter, files.name)
        return _with_adapter(files, layout, base, progress)
    import_transformers()
    place = ModelPlace(files.name, files.source, files.wanted_revision, local, files.find, layout)
    with quiet_transformers():
        model, tokenizer = load_model(place), load_tokenizer(place)
    return Parts(files.identified(), layout, model, tokenizer)


def _with_adapter(files: TeacherFiles, layout: Layout, base: str, progress: Progress) -> Parts:
    try:
        parts = load_parts(TeacherSettings(model=base), progress, files.name)
    except AdapterOnAdapterError:
        raise
    except TeacherError as error:
        raise TeacherError(f"teacher {files.name!r} is an adapter, and its base can't be loaded: {error}") from error
    config = files.find(layout.path(ADAPTER))
    assert config is not None
    place = ModelPlace(files.name, files.source, files.wanted_revision, True, files.find, layout)
    with quiet_transformers():
        apply_adapter(files.name, parts.model, config.parent)
        own = files.find(layout.path("tokenizer.json")) is not None
        tokenizer = load_tokenizer(place) if own else parts.tokenizer
    identified = files.identified()
    both = replace(identified, revision=f"{identified.revision}+{parts.files.revision}")
    if layout.steps is None:
        layout = replace(parts.layout, folder=layout.folder)
    return Parts(both, layout, parts.model, tokenizer)


def _from_hub(files: TeacherFiles, progress: Progress, adapter: str | None) -> Parts:
    if files.cached:
        try:
            return _read_parts(files, progress, adapter, local=True)
        except AdapterOnAdapterError:
            raise
        except (OSError, ValueError, TeacherError) as error:
            # What is not whole in the hub's cache is refused as a damaged model is: only after a download is it one.
            logger.debug("teacher: %s in the hub's cache is not whole: %s", files.name, error)
    download(files.name, files.wanted_revision or "main", progress)
    with contextlib.suppress(OSError, ValueError):  # kept in another format than those that are fetched
        return _read_parts(files, progress, adapter, local=True)
    return _read_parts(files, progress, adapter, local=False)


def _not_reachable(files: TeacherFiles) -> Exception | None:
    """Return why a teacher on the hub can't be fetched, None if it can."""
    try:
        list_files(files.name, files.wanted_revision or "main")
    except Exception as error:  # the hub's client raises many types
        return error
    return None


@contextlib.contextmanager
def quiet_transformers() -> Iterator[None]:
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
