"""Reads every device file again with the reference libraries and shows differences.

This is slow, and for those who want proof.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from rich.console import Console

from ingest.config import Config
from ingest.errors import IngestError
from ingest.extract.archive import Archive, open_archive
from ingest.extract.drop_folder import discover
from ingest.reference.compare import differences
from ingest.reporting.report import Report
from ingest.run.export.activity_table import activities_of
from ingest.run.export.loose_due import loose_read_before
from ingest.run.export.readers import Readers
from ingest.transform.parsers import parse, sniff
from ingest.transform.parsers.gunzip import gunzip, is_gzip

#: What became of a file.
Outcome = Literal["compared", "unreadable", "no reference"]


def verify_exports(config: Config, console: Console) -> Report:
    """Compare our reading of every device file with fitparse, gpxpy or tcxreader; what they cannot
    read is counted, not compared.
    """
    report = Report()
    outcomes = Counter[Outcome]()
    known = loose_read_before(config.database)
    for export in discover(config.drop, given=config.exports, known_loose=known).exports:
        try:
            with open_archive(export.path) as archive:
                for name in _files(archive):
                    outcome, found = verify_file(archive, name)
                    outcomes[outcome] += 1
                    report.differences += len(found)
                    for sentence in found or (
                        ["not compared: no other library reads this format"]
                        if outcome == "no reference"
                        else []
                    ):
                        console.print(f"{archive.origin(name)}: {sentence}", soft_wrap=True)
        except IngestError as err:  # the run has reported it
            report.notes.append(f"this export was not compared: {err}")
    report.notes.append(_told(outcomes, report.differences))
    return report


def _told(outcomes: Counter[Outcome], differences: int) -> str:
    told = (
        f"compared {outcomes['compared']:,} device files with fitparse, gpxpy and tcxreader: "
        f"{differences:,} differences; "
        f"{outcomes['unreadable']:,} files that they or strava-ingest cannot read were left out"
    )
    without = outcomes["no reference"]
    return (
        f"{told}; {without:,} files were not compared, for no other library reads their format"
        if without
        else told
    )


def _files(archive: Archive) -> Iterator[str]:
    with Readers(1) as readers:
        names = {line.filename for line in activities_of(archive, readers).lines if line.filename}
    found = (archive.find(name) for name in sorted(names))
    return (member.name for member in found if member is not None)


def verify_file(archive: Archive, name: str) -> tuple[Outcome, list[str]]:
    """What became of one file, and its differences."""
    member = archive.find(name)
    assert member is not None
    try:
        data = archive.read(member)
        data = gunzip(data, name) if is_gzip(data) else data
        module = f"ingest.reference.{sniff(data, name)}"
        if importlib.util.find_spec(module) is None:
            return "no reference", []
        reference = importlib.import_module(module)
        return "compared", list(differences(parse(data, name), reference.points(data)))
    except IngestError:
        return "unreadable", []
