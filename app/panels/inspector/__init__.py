"""The inspector: one cell in numbers and charts."""
