"""Decides what is new, has it read, and hands it to load."""
