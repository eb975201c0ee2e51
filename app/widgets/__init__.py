"""Theme, icons, units and small widgets that know nothing of a run."""
