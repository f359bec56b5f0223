"""Runs commands as child processes, and says in words what they do and did."""
