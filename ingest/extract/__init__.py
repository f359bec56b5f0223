"""Extracts bytes from an export in the drop folder, or from the Strava API."""
