"""The camera, and what lies under the pointer."""
