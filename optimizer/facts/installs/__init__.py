"""What a RUN that installs dependencies reads and writes of the files that were copied before it."""
