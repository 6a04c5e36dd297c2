"""One rewrite a file, named after what the Dockerfile looks like afterwards."""
