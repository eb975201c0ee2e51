// A square on the floor below the cube.
attribute vec2 a_corner;            // -1..1
uniform mat4 u_clip;
uniform vec3 u_centre;              // voxel space
uniform float u_extent;             // half side, in cells
varying vec2 v_offset;              // from the centre, in cells
void main() {
    v_offset = a_corner * u_extent;
    gl_Position = u_clip * vec4(u_centre.xy + v_offset, u_centre.z, 1.0);
}
