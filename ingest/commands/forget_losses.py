"""Says which loose device files nothing could read again once something is forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from ingest.extract.loose_files import LooseSource
from ingest.load.loose_recordings import SeenFile
from ingest.run.export.loose_due import lying_files

#: Names that a message lists.
_LISTED: Final = 10


def lost_points(wanted: Collection[SeenFile], lying: Collection[LooseSource]) -> tuple[str, ...]:
    """What would be lost of the files whose points are ``wanted``, as a sentence, if anything."""
    there = {file.content_hash for file in lying_files(lying, wanted)}
    missing = [file.name for file in wanted if file.content_hash not in there]
    if not missing:
        return ()
    return (
        "not in the drop folder, and needed for the points of activities that they recorded, too: "
        f"{listed(missing)}",
    )


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more:,} more" if more > 0 else "")
