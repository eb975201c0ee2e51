// One ray per pixel.
#if FOCUS
// Outline of the picked cell, seen through whatever hides it, and a soft halo around it, never on the cell itself.
vec4 with_xray(vec4 color, Ray ray, Hit hit) {
    float foot = sample_width(ray);
    vec3 centre = u_picked + 0.5;
    vec3 radius = vec3(0.5 - half_gap(footprint(ray)));
    vec3 enters = (centre - radius * ray.side - ray.origin) * ray.inv;
    vec3 leaves = (centre + radius * ray.side - ray.origin) * ray.inv;
    float enter = max3(enters), leave = min3(leaves);
    bool covered = distance(hit.cell, u_picked) > 0.5 || hit.t < 0.0;
    if (covered && enter < leave && leave > 0.0) {
        float width = max(0.13, 2.0 * foot);
        vec3 front = abs(ray.origin + ray.dir * max(enter, 0.0) - centre) / radius;
        vec3 back = abs(ray.origin + ray.dir * leave - centre) / radius;
        float edge = max(rim_of(front, step(enter, enters), width), 0.5 * rim_of(back, step(leaves, vec3(leave)), width));
        color = mix(color, vec4(without_glow(u_pick_color), 1.0), 0.75 * edge);
    }
    float closest = dot(centre - ray.origin, ray.dir);
    vec3 aside = ray.origin + ray.dir * closest - centre;
    float halo = covered ? 0.16 * exp(-1.1 * dot(aside, aside)) * step(0.0, closest + ray.reach * u_eye.w) : 0.0;
    return color + halo * vec4(u_pick_color, 0.35) * (1.0 - 0.5 * color.a);
}
#endif

void main() {
    Ray ray = ray_towards(v_leave);
    cut_ray(ray);
    Hit hit;
    vec4 color = march(ray, hit);
#if !IDS
    if (hit.t >= 0.0) {
        vec3 full = full_color(hit, ray, sample_width(ray));
#if FOCUS
        Role role = role_of(hit.cell);
        vec3 local = abs(ray.origin + ray.dir * hit.t - hit.cell - 0.5) / (0.5 - hit.gap);
        vec3 face = step(max3(local) - 1e-4, local);
        float foot = sample_width(ray) / (1.0 - 2.0 * hit.gap);
        full = framed(full, role, rim_of(local, face, frame_width(foot)));
#endif
        color.rgb += hit.weight * (in_fog(full, hit.t) - hit.cheap);
    }
    if (color.a > OPAQUE) color /= color.a;
#if FOCUS
    color = with_xray(color, ray, hit);
#endif
#endif
    if (color.a <= 0.003) discard;
    gl_FragColor = color;
}
