"""Writes to S3: what its URLs look like, and how the libraries get the settings of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Settings of AWS that the environment or ``.env`` may have; profiles are found by the libraries.
NAMES: Final = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_PROFILE",
)
SCHEME: Final = "s3://"


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of AWS among those of the environment."""
    return {name: environment[name] for name in NAMES if environment.get(name)}


def delta_options(found: Mapping[str, str]) -> dict[str, str]:
    """The settings as ``deltalake`` takes them; plain HTTP only where the address says so."""
    is_plain = found.get("AWS_ENDPOINT_URL", "").startswith("http://")
    return {**found, **({"AWS_ALLOW_HTTP": "true"} if is_plain else {})}
