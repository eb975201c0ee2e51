"""The cube on screen: a ray-marched picture of a lattice of cells. Knows observations, nothing of training."""
