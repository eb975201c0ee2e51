"""The cube on screen: a ray-marched picture of a lattice of cells. It knows nothing of training."""
