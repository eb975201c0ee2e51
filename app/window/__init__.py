"""The main window: the one place that composes parts and connects them. May touch everything below it."""
