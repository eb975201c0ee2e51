"""Panels around the cube. They show plain values and emit signals; they never touch the trainer."""
