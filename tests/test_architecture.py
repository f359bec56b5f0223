"""``docs/architecture.md`` names files that exist, and its drawing is the one of its text."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_file_and_folder_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:ingest|db|exporters|docs)/[\w/.]*)`", PAGE))
    assert len(named) > 20
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_the_journey_enters_at_most_nine_files() -> None:
    journey = PAGE.split("## The journey of one activity")[1].split("At the end of the run")[0]
    steps = re.findall(r"^(\d)\. `([\w/.]+)`", journey, re.MULTILINE)
    assert [int(number) for number, _ in steps] == list(range(1, 10))


def test_the_drawing_shows_what_its_text_says() -> None:
    text = (ROOT / "docs" / "flow.dot").read_text(encoding="utf-8")
    drawn = unescape((ROOT / "docs" / "flow.svg").read_text(encoding="utf-8"))
    labels = [part for label in re.findall(r'label="([^"]+)"', text) for part in label.split(r"\n")]
    assert len(labels) > 20
    assert [part for part in labels if f">{part}</text>" not in drawn] == []
