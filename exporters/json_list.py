"""Writes ``activities.json``: one flat list with an activity per line.

The list is sorted by start, so that newer activities come at the end.
"""

from __future__ import annotations

import json
from typing import Final

from exporters.files import prepare, refuse_existing, whole_file
from exporters.job import Job, Outcome
from exporters.json_values import flat_rows

_NAME: Final = "activities.json"


def export(job: Job) -> Outcome:
    """Write the list."""
    target = job.file(_NAME)
    refuse_existing([target], job.overwrite)
    prepare(target.parent)
    job.progress.begin(_NAME, len(job.activities))
    rows = 0
    with (
        whole_file(target) as partial,
        partial.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.write("[")
        for row in flat_rows(job):
            file.write(",\n" if rows else "\n")
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False))
            rows += 1
            job.progress.advance()
        file.write("\n]\n")
    return Outcome(files=1, rows=rows, out=target)
