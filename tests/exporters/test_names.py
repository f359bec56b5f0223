"""Names of files: from titles that people give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.names import file_name, slug
from exporters.selection import Chosen


def chosen(
    name: str | None, start: datetime | None = datetime(2026, 5, 1, 7, 12, 33, tzinfo=UTC)
) -> Chosen:
    return Chosen(activity_id=7, start_time_utc=start, name=name, sport_type="Run", point_count=0)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Morning Run", "2026-05-01T07-12-33Z_Morning-Run_7.json"),
        ("Läufe / Åre: 10%?", "2026-05-01T07-12-33Z_Läufe-Åre-10_7.json"),
        ("../../etc/passwd", "2026-05-01T07-12-33Z_etc-passwd_7.json"),
        ("朝のランニング 🏃", "2026-05-01T07-12-33Z_朝のランニング_7.json"),
        ("🏃🏃", "2026-05-01T07-12-33Z_Run_7.json"),
        ("Ski \u26f7\ufe0f", "2026-05-01T07-12-33Z_Ski_7.json"),
        ("", "2026-05-01T07-12-33Z_Run_7.json"),
        (None, "2026-05-01T07-12-33Z_Run_7.json"),
    ],
)
def test_the_name_says_when_what_and_which(title: str | None, name: str) -> None:
    assert file_name(chosen(title), ".json") == name


def test_an_activity_without_start_is_undated() -> None:
    assert file_name(chosen("Yoga", None), ".gpx") == "undated_Yoga_7.gpx"


@pytest.mark.parametrize("title", ["CON", "nul", "COM1", "lpt9"])
def test_windows_own_names_are_not_taken(title: str) -> None:
    assert slug(title) == f"{title}-"


def test_composed_and_decomposed_letters_give_one_name() -> None:
    assert slug("U\u0308bung") == slug("\u00dcbung")


@given(st.text())
def test_every_title_gives_a_name_that_any_file_system_takes(title: str) -> None:
    name = file_name(chosen(title), ".json")
    assert len(name.encode("utf-8")) < 200
    assert not set(name) & set('<>:"/\\|?*') | {c for c in name if ord(c) < 32}
    assert not name.endswith((".", " "))
