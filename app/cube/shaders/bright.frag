// Keeps what is bright, from four neighbouring spots.
varying vec2 v_at;
uniform sampler2D u_picture;
uniform vec2 u_step;
uniform float u_threshold;
vec3 bright(vec2 at) {
    vec3 c = texture2D(u_picture, at).rgb;
    float most = max(c.r, max(c.g, c.b));
    return c * smoothstep(u_threshold, 1.0, most);
}
void main() {
    vec3 sum = bright(v_at + u_step) + bright(v_at - u_step);
    sum += bright(v_at + vec2(u_step.x, -u_step.y)) + bright(v_at + vec2(-u_step.x, u_step.y));
    gl_FragColor = vec4(0.25 * sum, 1.0);
}
