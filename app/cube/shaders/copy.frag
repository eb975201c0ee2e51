// Stretches a picture over another one.
varying vec2 v_at;
uniform sampler2D u_picture;
void main() {
    gl_FragColor = vec4(texture2D(u_picture, v_at).rgb, 1.0);
}
