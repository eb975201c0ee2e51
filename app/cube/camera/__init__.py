"""The camera, and which cell lies under the pointer: pure geometry."""
