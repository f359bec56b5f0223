"""Loads records into the database, and keeps what follows from them up to date."""
