// Free planes; dot(plane.xyz, p) + plane.w >= 0 is kept.
#if PLANES > 0
uniform vec4 u_plane0;
#endif
#if PLANES > 1
uniform vec4 u_plane1;
#endif
#if PLANES > 2
uniform vec4 u_plane2;
#endif

#if CUT
void cut_one(inout Ray ray, vec4 plane) {
    float along = dot(plane.xyz, ray.dir);
    float above = dot(plane.xyz, ray.origin) + plane.w;
    float t = -above / (abs(along) < 1e-7 ? 1e-7 : along);
    if (along > 0.0) {
        if (t > ray.start) { ray.start = t; ray.cut_normal = -plane.xyz; ray.blind = -FAR; }
    } else {
        ray.end = min(ray.end, t);
    }
}
#endif

void cut_ray(inout Ray ray) {
#if CUT && PLANES > 0
    cut_one(ray, u_plane0);
#endif
#if CUT && PLANES > 1
    cut_one(ray, u_plane1);
#endif
#if CUT && PLANES > 2
    cut_one(ray, u_plane2);
#endif
}

// 1 where a whole cell is kept by its centre, else 0.
float kept(vec3 centre) {
    float least = 0.0;
#if !CUT && PLANES > 0
    least = dot(u_plane0.xyz, centre) + u_plane0.w;
#endif
#if !CUT && PLANES > 1
    least = min(least, dot(u_plane1.xyz, centre) + u_plane1.w);
#endif
#if !CUT && PLANES > 2
    least = min(least, dot(u_plane2.xyz, centre) + u_plane2.w);
#endif
    return step(0.0, least);
}
