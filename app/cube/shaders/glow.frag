// The glow, to be blended over the picture.
varying vec2 v_at;
uniform sampler2D u_picture;
uniform float u_strength;
void main() {
    gl_FragColor = vec4(u_strength * texture2D(u_picture, v_at).rgb, 0.0);
}
