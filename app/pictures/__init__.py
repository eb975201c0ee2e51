"""Pictures and movies of the cube, with captions. May touch pixels and files, no run."""
