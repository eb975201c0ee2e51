"""Training in a worker thread, with its commands and messages. May touch the trainer, never a widget or OpenGL."""
