"""Manifests and lockfiles of each ecosystem, one module each.

Every reader takes a BuildContext and the path of a file in it, and returns a frozen dataclass, or
None where there is no such file. None of them raises: a file that can't be read as what it is has a
reason in `unreadable`, and nothing else.
"""
