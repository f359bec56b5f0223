"""Reads Strava exports (and later the API) into the database."""

__version__ = "0.1.0"
