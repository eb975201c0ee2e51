"""Readers: one per kind of file. Each reads no more than it is asked for, and counts what it read."""
