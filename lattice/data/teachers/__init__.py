"""From a model's folder to embeddings as its makers meant them: layout, weights, tokens, pooling and what follows."""
