"""What can be known about base images and packages without asking anybody."""
