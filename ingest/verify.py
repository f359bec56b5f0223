"""Every device file of the drop folder read again with the reference libraries; differences out. Slow, for those who want proof."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from rich.console import Console

from ingest.config import Config
from ingest.errors import IngestError
from ingest.parsers import parse, sniff
from ingest.parsers.gunzip import gunzip, is_gzip
from ingest.reference.compare import differences
from ingest.report import Report
from ingest.sources.archive import Archive, open_archive
from ingest.sources.discover import discover
from ingest.sources.export import activities_of


def verify_exports(config: Config, report: Report, console: Console) -> None:
    """Compare our reading of every device file with fitparse, gpxpy or tcxreader; what they cannot read is counted, not compared."""
    compared = refused = 0
    for export in discover(config.drop).exports:
        try:
            with open_archive(export.path) as archive:
                for name in _files(archive):
                    found = verify_file(archive, name)
                    compared, refused = compared + (found is not None), refused + (found is None)
                    for difference in found or ():
                        report.differences += 1
                        console.print(f"{archive.origin(name)}: {difference}", soft_wrap=True, markup=False)
        except IngestError as err:  # the run has reported it
            report.notes.append(f"not verified: {err}")
    report.notes.append(
        f"verified {compared:,} device files against the reference libraries: {report.differences:,} differences; "
        f"{refused:,} files that those (or we) cannot read were left out"
    )


def _files(archive: Archive) -> Iterator[str]:
    names = {line.filename for line in activities_of(archive).lines if line.filename}
    found = (archive.find(name) for name in sorted(names))
    return (member.name for member in found if member is not None)


def verify_file(archive: Archive, name: str) -> list[str] | None:
    """The differences of one file, ``None`` where one side cannot read it."""
    member = archive.find(name)
    assert member is not None
    try:
        data = archive.read(member)
        data = gunzip(data, name) if is_gzip(data) else data
        recording = parse(data, name)
        reference = importlib.import_module(f"ingest.reference.{sniff(data, name)}")
        return list(differences(recording, reference.points(data)))
    except IngestError:
        return None
