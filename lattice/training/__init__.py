"""Training: the trainer, its reports, evaluation and checkpoints."""
