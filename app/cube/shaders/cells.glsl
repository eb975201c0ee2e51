// One cell: its colour, its opacity, and where a ray enters and leaves its box or sphere.
uniform sampler3D u_cells;          // colour and own alpha, not premultiplied; width runs along z, depth along x
uniform vec3 u_texel;               // voxel space to texture space, before the swap of x and z
uniform vec3 u_skin_low;            // the box whose outermost cells are the surface
uniform vec3 u_skin_high;
uniform vec2 u_opacity;             // surface, interior
uniform float u_empty;              // own alpha at or below this: there is no cell

float opacity_of(vec3 centre, float alpha) {
    vec3 middle = 0.5 * (u_skin_low + u_skin_high);
    vec3 half_inner = 0.5 * (u_skin_high - u_skin_low) - 1.0;
    float surface = step(0.0, max3(abs(centre - middle) - half_inner));
    return alpha * mix(u_opacity.y, u_opacity.x, surface) * step(u_empty, alpha) * kept(centre);
}

// t at which the ray enters and leaves the cell; `leave` holds t of the exit through each axis' far side.
vec2 span_of(Ray ray, vec3 centre, vec3 leave, vec3 pitch, float gap) {
#if SPHERE
    vec3 from = ray.origin - centre;
    float radius = 0.5 - gap;
    float b = dot(from, ray.dir);
    float q = b * b - dot(from, from) + radius * radius;
    float root = sqrt(max(q, 0.0));
    return q > 0.0 ? vec2(-b - root, -b + root) : vec2(0.0, -FAR);
#else
    return vec2(max3(leave - pitch * (1.0 - gap)), min3(leave - pitch * gap));
#endif
}
