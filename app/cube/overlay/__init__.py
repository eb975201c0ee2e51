"""What Qt paints over the cube: legend, captions, gizmo."""
