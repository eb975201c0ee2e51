// The ground: a soft pool of light around the cube, dithered so that it shows no bands.
varying vec2 v_at;
uniform vec3 u_ground;
uniform vec3 u_border;
uniform vec2 u_aspect;
uniform vec2 u_middle;              // where the cube's centre appears, 0..1
void main() {
    float r = clamp(length((v_at - u_middle) * u_aspect) * 1.25, 0.0, 1.0);
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
    gl_FragColor = vec4(mix(u_ground, u_border, r * r * (3.0 - 2.0 * r)) + noise / 200.0, 1.0);
}
