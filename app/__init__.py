"""The window: watch, steer and take apart the cube while it trains."""
