"""Makes the report: one HTML page of SVG plots that loads nothing from anywhere."""
