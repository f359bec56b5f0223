"""Transform: bytes, cells and JSON become records, and the observations of an activity one row."""
