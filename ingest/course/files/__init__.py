"""Reads courses: from files, and from activities of the database."""
