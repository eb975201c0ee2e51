"""What a data set looks like: a plane of its samples, norms, neighbours, and near-duplicates across its split."""
