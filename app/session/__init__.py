"""What is shown: the watched sample, the picked cell, preferences."""
