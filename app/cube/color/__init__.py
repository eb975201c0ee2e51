"""From a cell's numbers to its colour: pure functions of an observation."""
