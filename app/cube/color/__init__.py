"""From a cell's numbers to its colour."""
