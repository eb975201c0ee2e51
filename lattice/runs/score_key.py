"""Which validation cosines can be compared: those of equal data, objective and noise."""

from __future__ import annotations

import hashlib
import json

from lattice.config import SimpleProjectConfig


def scored_on(config: SimpleProjectConfig, fingerprint: str) -> str:
    """Return a short text that is equal for runs whose validation cosines can be compared."""
    settings = config.training_embedding
    values = [
        fingerprint,
        settings.objective,
        config.to_mapping().get("objective"),
        settings.noise_sigma,
        settings.evaluation_samples,
        settings.validation_fraction,
        settings.seed,
        config.embedding_mapping.normalize_embeddings,
    ]
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=8).hexdigest()
