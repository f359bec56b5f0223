"""Writes one file per chosen activity; a renamed activity leaves no second file behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from exporters.files import prepare, refuse_existing, write_text
from exporters.job import Job
from exporters.names import file_name, when
from exporters.selection import Chosen

#: Pattern of our file names: start, any title, id.
_OURS: Final = re.compile(r"([^_]+)_.*_(-?\d+)$", re.DOTALL)


class Targets:
    """Where the file of each activity goes."""

    def __init__(
        self,
        job: Job,
        suffix: str,
        activities: Iterable[Chosen] | None = None,
        one_file: str = "",
    ) -> None:
        chosen = job.activities if activities is None else activities
        folder = job.folder(one_file)
        self._suffix = suffix
        self._starts = {str(a.activity_id): when(a) for a in chosen}
        self._paths = {a.activity_id: folder / file_name(a, suffix) for a in chosen}
        self._older = self._found(folder)
        refuse_existing((path for paths in self._older.values() for path in paths), job.overwrite)
        prepare(folder)

    def write(self, activity_id: int, text: str) -> None:
        """Write the file of one activity, in place of the one that it had."""
        with self.replaced(activity_id) as path:
            write_text(path, text)

    @contextmanager
    def replaced(self, activity_id: int) -> Iterator[Path]:
        """Give the path to write; then delete the activity's file under an older title."""
        path = self._paths[activity_id]
        yield path
        for older in self._older.get(activity_id, ()):
            if older.name != path.name:
                older.unlink(missing_ok=True)

    def _found(self, folder: Path) -> dict[int, list[Path]]:
        """Files of these activities that are there."""
        found: dict[int, list[Path]] = {}
        for path in sorted(folder.glob(f"*{self._suffix}")) if folder.is_dir() else ():
            match = _OURS.match(path.name.removesuffix(self._suffix))
            if match and self._starts.get(match[2]) == match[1]:
                found.setdefault(int(match[2]), []).append(path)
        return found
