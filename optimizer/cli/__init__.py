"""The command line: one module per command. It decides nothing about Dockerfiles."""
