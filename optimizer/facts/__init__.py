"""What can be known about a Dockerfile from its own text."""
