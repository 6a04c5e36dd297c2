"""dockopt: rewrites Dockerfiles so that their images get smaller, and explains every change."""

__version__ = "0.1.0"
