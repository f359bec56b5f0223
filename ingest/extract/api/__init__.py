"""Talks to the Strava API: requests, tokens and the limits of requests."""
