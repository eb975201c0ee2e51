// Light and material.
uniform vec3 u_light;               // towards the key light
uniform vec3 u_sky;                 // colour of the light from above
uniform vec3 u_floor;               // and from below
uniform vec3 u_key;
uniform vec3 u_fog;                 // colour that the far side fades to
uniform float u_fog_density;        // share faded across the whole box
uniform float u_glow;               // how far bright cells shine by themselves
uniform float u_edge;               // how dark the seam between cells is
uniform float u_gloss;

vec3 ambient(vec3 normal) { return mix(u_floor, u_sky, 0.5 + 0.5 * normal.z); }

float shine(vec3 base) {
    float brightest = smoothstep(0.35, 1.0, max3(base));
    return u_glow * brightest * brightest;
}

vec3 lit(vec3 base, vec3 normal, vec3 dir) {
    vec3 light = ambient(normal) + u_key * max(dot(normal, u_light), 0.0) + 0.20 * max(-dot(normal, dir), 0.0);
    return base * mix(light, vec3(1.10), shine(base));
}

// Seams fade where they are finer than pixels; `facing` is how squarely the face is seen, 0 to 1.
float seam(float foot, float facing) { return u_edge * (1.0 - 0.92 * smoothstep(0.04, 0.25, foot / max(facing, 0.25))); }

float fog(float t) { return 1.0 - exp(-u_fog_density * max(t, 0.0) / length(u_high - u_low)); }

vec3 in_fog(vec3 color, float t) { return mix(color, u_fog, fog(t)); }

// How near to its edge a box is hit: 0 inside, 1 on the edge. `local` is 0..1 from the centre to each side.
float rim_of(vec3 local, vec3 face, float width) {
    return clamp((max3(local * (1.0 - face)) - 1.0) / width + 1.0, 0.0, 1.0);
}
