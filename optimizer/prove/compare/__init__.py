"""Two images side by side: what broke, what differs, and which Change explains it."""
