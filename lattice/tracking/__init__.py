"""Trackers: where a run's figures and pictures go besides its own files, through the packages of others."""
