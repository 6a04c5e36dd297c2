"""Changes to a Dockerfile: how they are described, applied, checked and gated."""
