"""Turns bytes, cells and JSON into records, and an activity's observations into one row."""
