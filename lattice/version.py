"""The version of Cellcube, read by the build and stored in every checkpoint."""

__version__ = "0.1.0"
