"""What can be known about the build context."""
