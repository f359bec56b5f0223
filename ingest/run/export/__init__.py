"""Imports an export: reads and writes what differs from the database."""
