"""What keeps a run safe on disk: its folder, who writes there, when it is saved, and how it is gone on with."""
