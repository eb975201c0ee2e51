// Rays in voxel space: cell (x, y, z) fills x..x+1, y..y+1, z..z+1.
varying vec3 v_leave;
uniform vec3 u_low;                 // first visible cell
uniform vec3 u_high;                // one past the last
uniform vec4 u_eye;                 // (position, 1), or (unit vector towards the viewer, 0) when parallel
uniform float u_pixel;              // cell sides per pixel, at distance 1 when perspective
uniform float u_coarse;             // screen pixels per drawn pixel, at least 1
uniform float u_gap;
uniform vec2 u_fade;                // cell sides per pixel between which the gap closes

const float NUDGE = 1e-4;
const float FAR = 1e9;

float max3(vec3 v) { return max(v.x, max(v.y, v.z)); }
float min3(vec3 v) { return min(v.x, min(v.y, v.z)); }

struct Ray {
    vec3 origin;                    // where it enters the box, or the eye itself
    vec3 dir;                       // unit length
    vec3 inv;                       // 1 / dir
    vec3 side;                      // sign of dir
    float start;                    // t of the first thing it may hit
    float end;
    float blind;                    // cells entered before this t surround the eye and are left out
    float reach;                    // distance from the eye to the origin, 1 when parallel
    vec3 cut_normal;                // of the plane that it enters through, else 0
};

Ray ray_towards(vec3 leave) {
    Ray ray;
    vec3 towards = leave * u_eye.w - u_eye.xyz;
    float distance = length(towards);
    vec3 dir = towards / distance;
    ray.dir = mix(dir, vec3(1e-6), vec3(lessThan(abs(dir), vec3(1e-6))));
    ray.inv = 1.0 / ray.dir;
    ray.side = sign(ray.dir);
    // Measured backwards from the far side, so that precision does not suffer from a distant eye.
    float enter = max3((mix(u_high, u_low, step(0.0, ray.dir)) - leave) * ray.inv);
    bool inside = u_eye.w > 0.5 && enter < -distance;
    enter = inside ? -distance : enter;
    ray.blind = inside ? 0.0 : -FAR;
    ray.origin = leave + ray.dir * enter;
    ray.start = 0.0;
    ray.end = -enter;
    ray.reach = u_eye.w > 0.5 ? max(distance + enter, 1e-3) : 1.0;
    ray.cut_normal = vec3(0.0);
    return ray;
}

// Cell sides per pixel of the screen where the ray enters: decides what is there, at every resolution.
float footprint(Ray ray) { return u_pixel * ray.reach; }

// Cell sides per drawn pixel: decides how wide a line must be to be drawn without gaps.
float sample_width(Ray ray) { return u_coarse * footprint(ray); }

// Half of the gap, as a share of a cell's side.
float half_gap(float foot) { return 0.5 * u_gap * (1.0 - smoothstep(u_fade.x, u_fade.y, foot)); }
