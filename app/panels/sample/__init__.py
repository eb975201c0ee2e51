"""The sample panel: the watched sample, its neighbours, the probe."""
