"""Panels around the cube: they show plain values and emit signals, and know nothing of the trainer."""
