"""Makes the data files of the catalog: `python -m optimizer.catalog.build FACTS`.

FACTS is a folder of tables derived from public sources: the tags of the official images with their history, Debian's
indexes, endoflife.date and others; each table names its source, its commit and its day, and the data files keep them.
"""
