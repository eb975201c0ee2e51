// The light (or the shadow) that the cube throws on the floor.
varying vec2 v_offset;
uniform vec2 u_half;                // half sides of the cube, in cells
uniform float u_spread;             // cells over which it fades
uniform vec4 u_light;               // premultiplied; alpha 0 only adds light
void main() {
    vec2 outside = max(abs(v_offset) - u_half, 0.0);
    float inner = clamp(1.0 - length(max(abs(v_offset) - 0.72 * u_half, 0.0)) / (0.28 * min(u_half.x, u_half.y)), 0.0, 1.0);
    float far = exp(-dot(outside, outside) / (u_spread * u_spread));
    float noise = fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5;
    float fall = max(1.0 - length(outside) / (2.2 * u_spread), 0.0);
    gl_FragColor = u_light * (0.62 * far * fall + 0.38 * inner) + vec4(vec3(noise / 255.0), 0.0) * fall;
}
