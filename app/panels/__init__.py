"""Panels that dock around the cube."""
