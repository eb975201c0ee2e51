"""The data map: all samples in a plane, what they look like in figures, and near-duplicates across the split."""
