"""Talks to the Strava API, and keeps its tokens and its limits of requests."""
