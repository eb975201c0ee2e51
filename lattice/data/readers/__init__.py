"""Readers: one per kind of file. Each reads no more than is requested, and counts what it read."""
