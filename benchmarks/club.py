"""Makes the exports of many athletes out of one synthetic export, whose ids are replaced."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ingest.demo import ATHLETE_ID, EXPORT_NAME, build_export

#: Ids of activities and uploads have eleven digits in the synthetic export, and no other number.
_ID: Final = re.compile(rb"(?<!\d)1\d{10}(?!\d)")
#: What is added to the ids for each athlete.
_APART: Final = 10**11


def club_exports(folder: Path, numbers: Sequence[int], activities: int) -> list[Path]:
    """Write an export for each athlete of the numbers; all have the same training.

    They differ in the ids of athlete and activities, as in ``export_900000003.zip``.
    """
    template = folder / f"template-{EXPORT_NAME}"
    build_export(template, activities=activities)
    made = [_renumbered(template, folder, number) for number in numbers]
    template.unlink()
    return made


def _renumbered(template: Path, folder: Path, number: int) -> Path:
    path = folder / f"export_{ATHLETE_ID + number}.zip"
    with zipfile.ZipFile(template) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename.endswith(".csv"):
                content = _other_ids(content, number).replace(
                    str(ATHLETE_ID).encode(), str(ATHLETE_ID + number).encode()
                )
            info.filename = _other_ids(info.filename.encode(), number).decode()
            new.writestr(info, content, info.compress_type)
    return path


def _other_ids(text: bytes, number: int) -> bytes:
    return _ID.sub(lambda found: b"%d" % (int(found[0]) + number * _APART), text)
