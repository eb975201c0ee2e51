"""Theme, palette, icons, units and small widgets. They know nothing of a run or a cube."""
