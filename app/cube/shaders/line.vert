// Lines as thin rectangles, already in clip space.
attribute vec2 a_position;
attribute float a_across;           // pixels from the line's middle
attribute vec4 a_color;
varying float v_across;
varying vec4 v_color;
void main() {
    v_across = a_across;
    v_color = a_color;
    gl_Position = vec4(a_position, 0.0, 1.0);
}
