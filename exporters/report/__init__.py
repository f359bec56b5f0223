"""The database in, one HTML page to look at out: plots drawn as SVG when it is written, nothing loaded from anywhere."""
