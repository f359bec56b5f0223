"""Loads records into the database, and updates the tables that are computed from them."""
