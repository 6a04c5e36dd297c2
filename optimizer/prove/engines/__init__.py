"""Container engines: docker with buildx, podman and buildah."""
