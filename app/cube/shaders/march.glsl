// Walks the cells along a ray, front to back (Amanatides and Woo, 1987).
struct Hit {                        // the first cell that shows
    float t;
    float weight;                   // its share of the pixel
    float gap;
    vec3 cell;
    vec3 own;                       // colour before light
    vec3 cheap;                     // colour already added for it
};

const float OPAQUE = 0.985;

// Light for a cell behind others: one normal, no bevel.
vec3 cheap_color(vec3 own, vec3 face, vec3 local, Ray ray, float foot) {
#if SPHERE
    return lit(own, face, ray.dir);
#else
    float rim = rim_of(local, face, max(0.10, 1.5 * foot));
    return lit(own, -face * ray.side, ray.dir) * (1.0 - seam(foot, dot(face, abs(ray.dir))) * rim);
#endif
}

// Colour of the first hit: bevelled edges, highlight, seam.
vec3 full_color(Hit hit, Ray ray, float foot) {
    vec3 from = ray.origin + ray.dir * hit.t - hit.cell - 0.5;
    float radius = 0.5 - hit.gap;
#if SPHERE
    vec3 normal = from / max(length(from), 1e-6);
    float rim = 0.0;
    float facing = 1.0;
#else
    vec3 local = abs(from) / radius;
    vec3 face = step(max3(local) - 1e-4, local);
    float facing = min(dot(face, abs(ray.dir)), 1.0);
    // Wide enough for several samples, or faded: a line thinner than they are far apart is drawn as dots.
    float apart = foot / max(facing, 0.25);
    float width = max(0.11, 2.5 * apart);
    float rim = smoothstep(1.0 - width, 1.0, max3(local * (1.0 - face)));
    vec3 bevel = smoothstep(vec3(1.0 - 2.0 * width), vec3(1.0), local * (1.0 - face));
    vec3 normal = normalize(sign(from) * (face + 0.6 * (1.0 - smoothstep(0.03, 0.13, apart)) * bevel));
#endif
#if CUT
    if (dot(ray.cut_normal, ray.cut_normal) > 0.5 && hit.t <= ray.start + 1e-5) {
        normal = ray.cut_normal;
        rim = 0.0;
    }
#endif
    float gleam = pow(max(dot(reflect(ray.dir, normal), u_light), 0.0), 22.0);
    vec3 color = lit(hit.own, normal, ray.dir) * (1.0 - seam(foot, facing) * rim);
    return color + u_gloss * gleam * (0.35 + 0.65 * hit.own) * (1.0 - 0.5 * rim);
}

#if FOCUS
// Bright lines would glow, and the glow would lie on the colour inside them.
vec3 without_glow(vec3 line) { return line * min(1.0, 0.62 / max(max3(line), 1e-3)); }

// Frames a neighbour in its tier's colour and the picked cell in two lines, which show on every colour. Inside its
// frame a cell keeps its own colour, because that is its value.
vec3 framed(vec3 color, Role role, float rim) {
    float frame = smoothstep(0.0, 0.35, rim);
    vec3 tier = mix(color, without_glow(role.color), frame * role.shell);
    vec3 line = mix(1.0 - u_pick_color, without_glow(u_pick_color), step(0.4, rim));
    return mix(tier, line, smoothstep(0.0, 0.12, rim) * role.picked);
}

float frame_width(float foot) { return max(0.22, 2.6 * foot); }
#endif

vec4 march(Ray ray, out Hit hit) {
    hit.t = -1.0;
    hit.weight = 0.0;
    vec4 sum = vec4(0.0);
    float foot = sample_width(ray);
    float usual_gap = half_gap(footprint(ray));
    hit.gap = usual_gap;
    if (ray.start >= ray.end) return sum;
    vec3 cell = clamp(floor(ray.origin + ray.dir * (ray.start + NUDGE)), u_low, u_high - 1.0);
    vec3 pitch = abs(ray.inv);
    vec3 leave = (cell + step(0.0, ray.dir) - ray.origin) * ray.inv;
    float first = 1.0;
#if ISOLATE
    vec3 near_corner = max(u_picked - u_reach, u_low), far_corner = min(u_picked + u_reach + 1.0, u_high);
    float shell_enter = max3((mix(far_corner, near_corner, step(0.0, ray.dir)) - ray.origin) * ray.inv);
    float shell_leave = min3((mix(near_corner, far_corner, step(0.0, ray.dir)) - ray.origin) * ray.inv);
#endif
    for (int i = 0; i < STEPS; i++) {
        float leaving = min3(leave);
        vec3 centre = cell + 0.5;
        float gap = usual_gap;
#if FOCUS
        Role role = role_of(cell);
        gap = focused_gap(role, gap);
#endif
        vec2 span = span_of(ray, centre, leave, pitch, gap);
        if (span.x < span.y && span.y > ray.start && span.x >= ray.blind) {
            vec4 own = texture3D(u_cells, (centre * u_texel).zyx);
            float t = max(span.x, ray.start);
            float alpha = opacity_of(centre, own.a);
#if FOCUS
            alpha = focused_opacity(role, alpha, own.a * kept(centre), first);
#endif
#if IDS
            if (alpha >= VISIBLE_ALPHA) {
                float id = cell.x + u_size.x * (cell.y + u_size.y * cell.z);
                return vec4(mod(id, 256.0), mod(floor(id / 256.0), 256.0), floor(id / 65536.0), 255.0) / 255.0;
            }
#else
            vec3 from = ray.origin + ray.dir * t - centre;
#if SPHERE
            vec3 face = from / (0.5 - gap);
#else
            vec3 face = step(span.x, leave - pitch * (1.0 - gap));
#endif
            vec3 local = abs(from) / (0.5 - gap);
            vec3 color = cheap_color(own.rgb, face, local, ray, foot);
#if FOCUS
            float rim = rim_of(local, face, frame_width(foot / (1.0 - 2.0 * gap)));
            color = framed(color, role, rim);
#if ISOLATE
            alpha = min(alpha * mix(1.0, mix(0.5, 3.0, rim), (1.0 - role.shell) * (1.0 - role.picked)), 1.0);
#endif
#endif
            color = in_fog(color, t);
            float weight = (1.0 - sum.a) * alpha;
            sum += weight * vec4(color, 1.0);
            if (hit.t < 0.0 && alpha > 0.02) {
                hit.t = t;
                hit.weight = weight;
                hit.cell = cell;
                hit.gap = gap;
                hit.own = own.rgb;
                hit.cheap = color;
            }
            if (sum.a > OPAQUE) break;
#endif
        }
        if (leaving >= ray.end - NUDGE) break;
        first = 0.0;
#if ISOLATE
        if (shell_enter >= shell_leave || leaving >= shell_leave - NUDGE) break;
        if (leaving < shell_enter) {
            cell = clamp(floor(ray.origin + ray.dir * (shell_enter + NUDGE)), near_corner, far_corner - 1.0);
            leave = (cell + step(0.0, ray.dir) - ray.origin) * ray.inv;
            continue;
        }
#endif
        vec3 across = vec3(lessThanEqual(leave, vec3(leaving)));
        cell += across * ray.side;
        leave += across * pitch;
    }
    return sum;
}
