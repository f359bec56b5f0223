"""Gives an activity the title that Strava gives to an upload: ``Morning Run``, ``Lauf am Morgen``.

docs/definitions.md says which hours and words are sure and which are guessed.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from ingest.transform.tables.languages import EN, LANGUAGES, Language
from ingest.transform.tables.languages.language import DayPart

#: The hour from which on it is which part of the day; before the first it is still night.
_FROM_HOUR: Final[tuple[tuple[int, DayPart], ...]] = (
    (21, "night"),
    (18, "evening"),
    (13, "afternoon"),
    (11, "lunch"),
    (4, "morning"),
    (0, "night"),
)
_BY_CODE: Final = {language.code: language for language in LANGUAGES}
#: Where a word begins in the API's words (``TrailRun``).
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLACE: Final = "{sport}"


def title_of(sport_type: str, start_time_local: datetime | None, language: str | None) -> str:
    """The title of an activity that nobody gave one.

    ``sport_type`` is the API's word, ``language`` a code like ``de`` or ``es-419``; in a language
    without known words the title is English. Without a local time it is the sport alone.
    """
    words = _BY_CODE.get((language or "").partition("-")[0].lower(), EN)
    if start_time_local is None:
        return _label(sport_type, words)
    template = words.titles[_day_part(start_time_local.hour)]
    sport = words.title_sports.get(sport_type) or _label(sport_type, words)
    if template.partition(_PLACE)[0][-1:].isalpha():
        # Dutch writes both in one word, with a hyphen where that could not be read.
        sport = ("" if sport.isalpha() else "-") + sport.lower()
    return template.replace(_PLACE, sport)


def _day_part(hour: int) -> DayPart:
    return next(part for since, part in _FROM_HOUR if hour >= since)


def _label(sport_type: str, language: Language) -> str:
    """What a language calls a sport; English labels are the words of the API."""
    labels = () if language is EN else language.sports.get(sport_type, ())
    return labels[0] if labels else EN.title_sports.get(sport_type) or _WORD.sub(" ", sport_type)
