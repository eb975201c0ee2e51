"""The Damage panel: cells erased in what is watched, and the score against what is erased."""
