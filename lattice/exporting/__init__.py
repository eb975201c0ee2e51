"""Trained students as programs that run without Cellcube."""
