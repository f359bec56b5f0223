"""Makes a synthetic athlete's account export of any size, for trials and benchmarks."""

from __future__ import annotations

from ingest.demo.athlete import ATHLETE_ID, EXPORT_NAME
from ingest.demo.build import DemoSummary, build_export

__all__ = ["ATHLETE_ID", "EXPORT_NAME", "DemoSummary", "build_export"]
