// Fades over one pixel at each border.
varying float v_across;
varying vec4 v_color;
uniform float u_half_width;
void main() {
    float cover = clamp(u_half_width + 0.5 - abs(v_across), 0.0, 1.0);
    gl_FragColor = vec4(v_color.rgb, 1.0) * (v_color.a * cover);
}
