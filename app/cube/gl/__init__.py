"""What is drawn with OpenGL."""
