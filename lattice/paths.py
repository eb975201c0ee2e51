"""Folders: the project's own resources, and the platform's places for caches, configuration and data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs

APP_NAME = "cellcube"


INSTALLED_RESOURCES = "cellcube_resources"
"""Name that the folder `resources` of a checkout has in a wheel, see `setup.py`."""


def resources_folder() -> Path:
    """Folder of the bundled presets, demo data and pictures: of an installed wheel, or of a checkout."""
    root = Path(__file__).resolve().parent.parent
    installed = root / INSTALLED_RESOURCES
    return installed if installed.is_dir() else root / "resources"


INSTALLED_PAGES = "cellcube_docs"
"""Name that the folder `docs` of a checkout has in a wheel, see `setup.py`."""


def pages_folder() -> Path:
    """Folder of the guide and the other pages, as Markdown: of an installed wheel, or of a checkout."""
    root = Path(__file__).resolve().parent.parent
    installed = root / INSTALLED_PAGES
    return installed if installed.is_dir() else root / "docs"


def presets_folder() -> Path:
    """Folder of the bundled presets."""
    return resources_folder() / "presets"


def demo_folder() -> Path:
    """Folder of the bundled demo data."""
    return resources_folder() / "demo"


def own_folders() -> tuple[Path, ...]:
    """The program's folders in the user's home: for caches, configuration and data; they need not exist."""
    return cache_folder(), config_folder(), data_folder()


def cache_folder() -> Path:
    """Platform's cache folder for this program; may not exist yet."""
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))


def config_folder() -> Path:
    """Platform's configuration folder for this program; may not exist yet."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False))


def data_folder() -> Path:
    """Platform's data folder for this program (autosaves); may not exist yet."""
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def temporary_folder() -> Path:
    """This user's folder for what can be written nowhere else; may not exist yet, and the system may delete it."""
    user = os.getuid() if hasattr(os, "getuid") else os.getlogin()
    return Path(tempfile.gettempdir()) / f"{APP_NAME}-{user}"
