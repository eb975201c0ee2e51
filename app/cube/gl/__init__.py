"""What is drawn with OpenGL: shaders, textures, lines and targets."""
