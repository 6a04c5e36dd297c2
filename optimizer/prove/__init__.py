"""Proof: images are built before and after, read, compared and run; changes that do not hold are backed off."""
