// Brings the finished picture to the screen, with the glow of its bright parts.
varying vec2 v_at;
uniform sampler2D u_picture;
uniform sampler2D u_bloom;
uniform float u_strength;
void main() {
    vec3 color = texture2D(u_picture, v_at).rgb;
    vec3 glow = u_strength * texture2D(u_bloom, v_at).rgb;
    gl_FragColor = vec4(color + glow * (1.0 - color), 1.0);
}
