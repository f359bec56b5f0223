"""A ``.env`` file that is no text costs one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.environment import UnreadableSettings, load_environment
from tests.hostile.test_secrets import told

BROKEN = {
    "latin-1": b"STRAVA_PLAYGROUND=L\xe4ufe s3cret\n",
    "UTF-16": "STRAVA_PLAYGROUND=s3cret\n".encode("utf-16"),
    "UTF-16 without a mark": "STRAVA_PLAYGROUND=s3cret\n".encode("utf-16-le"),
    "NUL": b"STRAVA_PLAYGROUND=s3\0cret\n",
    "binary": bytes(range(256)) * 100,
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_no_text_is_named_and_not_quoted(tmp_path: Path, kind: str) -> None:
    (tmp_path / ".env").write_bytes(BROKEN[kind])
    with pytest.raises(
        UnreadableSettings, match=r"\.env is not text in UTF-8; save it as UTF-8"
    ) as caught:
        load_environment(tmp_path)
    assert caught.value.__cause__ is None or "cret" not in str(caught.value.__cause__)


@pytest.mark.parametrize(
    "command", [("ingest", "run"), ("ingest", "connect"), ("exporters", "csv")]
)
def test_every_command_says_so_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / ".env").write_bytes(BROKEN["UTF-16"])
    assert told(*command, folder=tmp_path).count("\n") == 1


def test_the_mark_that_windows_puts_first_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfSTRAVA_MARKED=yes\r\nSTRAVA_OTHER='a b'\r\n")
    found = load_environment(tmp_path)
    assert (found["STRAVA_MARKED"], found["STRAVA_OTHER"]) == ("yes", "a b")


def test_no_file_is_no_setting(tmp_path: Path) -> None:
    assert "STRAVA_MARKED" not in load_environment(tmp_path)
