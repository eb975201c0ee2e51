"""Cellcube's core: a 3D cellular neural network that learns a teacher's embeddings."""

__version__ = "0.1.0"
