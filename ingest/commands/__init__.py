"""Holds the commands beside run: connect, status, verify and maintenance."""
