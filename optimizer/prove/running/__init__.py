"""Running images: what a container does, and whether another one does the same."""
