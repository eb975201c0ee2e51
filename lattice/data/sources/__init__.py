"""Sources of samples: the demo, files of embeddings, and texts; each puts its rows into a table."""
