"""Reads Strava exports (and later the API) into the database."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("strava-ingest")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0+unknown"
