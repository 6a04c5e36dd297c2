"""What came of a Dockerfile, as a diff, a series of patches, JSON or text."""
