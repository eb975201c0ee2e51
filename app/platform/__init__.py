"""What differs between operating systems and libraries. Touches the process, nothing of ours."""
