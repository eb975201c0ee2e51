"""Cell rules: what every cell computes in a lattice step."""
