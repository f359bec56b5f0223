"""Turns the JSON of the Strava API into records."""
