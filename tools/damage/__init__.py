"""Damage to files, and what comes of it."""
