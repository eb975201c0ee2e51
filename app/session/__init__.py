"""What is being watched: the shown observation, the picked cell, preferences. May touch controller and cube."""
