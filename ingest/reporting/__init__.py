"""Counts, prints and logs what a run does."""
