"""Training in a thread of its own, and the messages to and from it."""
