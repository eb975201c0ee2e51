// One direction of a Gaussian blur.
varying vec2 v_at;
uniform sampler2D u_picture;
uniform vec2 u_step;
void main() {
    vec3 sum = 0.1964 * texture2D(u_picture, v_at).rgb;
    sum += 0.2967 * (texture2D(u_picture, v_at + 1.41 * u_step).rgb + texture2D(u_picture, v_at - 1.41 * u_step).rgb);
    sum += 0.0945 * (texture2D(u_picture, v_at + 3.29 * u_step).rgb + texture2D(u_picture, v_at - 3.29 * u_step).rgb);
    sum += 0.0106 * (texture2D(u_picture, v_at + 5.18 * u_step).rgb + texture2D(u_picture, v_at - 5.18 * u_step).rgb);
    gl_FragColor = vec4(sum, 1.0);
}
