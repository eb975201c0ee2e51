// The visible box, drawn by its far faces: each fragment is where one ray leaves the box.
attribute vec3 a_corner;            // corners of the unit cube
uniform vec3 u_low;
uniform vec3 u_high;
uniform mat4 u_clip;                // voxel space to clip space
varying vec3 v_leave;               // voxel space

void main() {
    v_leave = mix(u_low, u_high, a_corner);
    gl_Position = u_clip * vec4(v_leave, 1.0);
}
