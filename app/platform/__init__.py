"""What differs between operating systems and libraries."""
