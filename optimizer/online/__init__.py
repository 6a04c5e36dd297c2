"""Asking registries and package indexes, only where the user wishes it.

What comes out are the plain values of `optimizer.catalog.live`; what goes wrong is `Unknown` with a reason, never an
exception.
"""
