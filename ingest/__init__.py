"""Imports Strava exports, and what the API has beyond them, into the database."""

__version__ = "0.1.0"
