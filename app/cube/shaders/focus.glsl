// The picked cell and its neighbour tiers.
uniform vec3 u_picked;
uniform vec3 u_tiers;               // largest squared offset in the local, functional and distant tier, plus one half
uniform vec3 u_local;               // colours
uniform vec3 u_functional;
uniform vec3 u_distant;
uniform vec3 u_pick_color;
uniform vec3 u_shell_alpha;         // least opacity of neighbours: local, functional, distant
uniform vec3 u_shell_size;          // side of their boxes while isolated, in cells
uniform float u_reach;              // cells to the farthest neighbour along an axis

struct Role {
    float picked;                   // 1 on the picked cell
    float shell;                    // 1 on its neighbours
    float alpha;                    // opacity as a neighbour
    float size;                     // side as an isolated neighbour
    vec3 color;
};

Role role_of(vec3 cell) {
    vec3 offset = cell - u_picked;
    float d2 = dot(offset, offset);
    vec3 within = step(vec3(d2), u_tiers);
    Role role;
    role.picked = step(d2, 0.5);
    role.shell = max3(within) * (1.0 - role.picked);
    role.color = mix(mix(u_distant, u_functional, within.y), u_local, within.x);
    role.alpha = mix(mix(u_shell_alpha.z, u_shell_alpha.y, within.y), u_shell_alpha.x, within.x);
    role.size = mix(mix(u_shell_size.z, u_shell_size.y, within.y), u_shell_size.x, within.x);
    return role;
}

// Half of the gap around a cell. Isolated neighbours are small and solid, so that those behind them are seen between
// them; translucent ones would add up to fog.
float focused_gap(Role role, float gap) {
#if ISOLATE
    return max(gap, 0.5 * (1.0 - role.size) * role.shell);
#else
    return gap;
#endif
}

// Opacity of a cell beside a pick; `own` is what it would have without one. `first` is 1 on the hull.
float focused_opacity(Role role, float own, float alpha, float first) {
    float there = step(u_empty, alpha);
#if ISOLATE
    float others = GHOST_ALPHA * first * there;
    return max(role.picked, mix(others, there, role.shell));
#else
    return max(role.picked, mix(own, max(own, role.alpha * there), role.shell));
#endif
}
