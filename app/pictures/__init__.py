"""Pictures and movies of the cube, with their captions."""
