"""Imports an export: what differs from the database is read and written."""
