"""Tells the language of activities.csv, and the meaning of every column, from its header.

A column is known by its words and, where a name stands twice, by which of the two it is:
``Elapsed Time``, ``Distance``, ``Max Heart Rate``, ``Relative Effort`` and ``Commute`` do. The
place in the header counts only for words that nobody knows.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from ingest.transform.tables.languages import EN, EN_2018, LANGUAGES, Language
from ingest.transform.tables.names import name_key, normalize_label
from ingest.transform.tables.versions import sequences

__all__ = ["Header", "match_header", "name_key", "plain_label"]

_SPAN = re.compile(r"<span\b([^>]*)>(.*?)</span>", re.IGNORECASE | re.DOTALL)
_MISSING = re.compile(r"translation missing:\s*([\w.\-]+)", re.IGNORECASE)
#: A longer cell of a header is no label, and may be made to keep a regular expression busy.
_LONGEST = 1_000
_PANDAS = re.compile(r"(.*\S)\.(\d{1,2})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """``columns[i]`` is (column, occurrence from 0) or ``None`` when unknown; ``by_place`` are the
    indexes known by place only.
    """

    labels: tuple[str, ...]
    columns: tuple[tuple[str, int] | None, ...]
    language: Language | None
    by_place: tuple[int, ...] = ()
    #: column -> where it stands by occurrence
    _places: dict[str, dict[int, int]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for index, known in enumerate(self.columns):
            if known is not None:
                self._places.setdefault(known[0], {}).setdefault(known[1], index)

    def indexes(self, column: str) -> tuple[int, ...]:
        """Where the column stands, first occurrence first."""
        return tuple(index for _, index in sorted(self._places.get(column, {}).items()))

    def index(self, column: str, occurrence: int) -> int | None:
        """Where this occurrence of the column stands."""
        return self._places.get(column, {}).get(occurrence)

    @property
    def unknown(self) -> tuple[int, ...]:
        """The indexes of the columns that nobody knows."""
        return tuple(index for index, known in enumerate(self.columns) if known is None)


def plain_label(cell: str) -> str:
    """A label without what Strava puts round words that it has no translation for.

    ``<span ... title="translation missing: ...jump_count">Jump Count</span>`` and ``translation
    missing: ...jump_count`` both become words: the visible ones, else the last word of the key.
    """
    if len(cell) > _LONGEST:
        return cell.strip().lstrip("\ufeff")
    if span := _SPAN.search(cell):
        return span[2].strip() or _key_word(span[1]) or cell.strip()
    return _key_word(cell) or cell.strip().lstrip("\ufeff")


def _key_word(text: str) -> str | None:
    missing = _MISSING.search(text)
    return missing[1].rpartition(".")[2].replace("_", " ") if missing else None


def match_header(cells: Sequence[str]) -> Header:
    """What every column of the header is; unknown words in a known place of a known sequence are
    taken by their place.
    """
    named = [_without_suffix(cell) for cell in cells]
    labels = [label for label, _ in named]
    language = _language(labels)
    words = [_column(label, language) if language else None for label in labels]
    columns = _with_places(words, language)
    return Header(
        labels=tuple(plain_label(cell) for cell in cells),
        columns=_occurrences(columns, [suffix for _, suffix in named]),
        language=language,
        by_place=tuple(
            i
            for i, (word, column) in enumerate(zip(words, columns, strict=True))
            if column and not word
        ),
    )


def _without_suffix(cell: str) -> tuple[str, int | None]:
    """The label, and the number that pandas puts after a repeated one (``Distance.1``)."""
    if suffixed := _PANDAS.fullmatch(cell.strip()):
        return plain_label(suffixed[1]), int(suffixed[2])
    return plain_label(cell), None


def _column(label: str, language: Language) -> str | None:
    # Columns too new to be translated keep their English words in every language.
    word = normalize_label(label)
    return language.by_label.get(word) or (None if language is EN_2018 else EN.by_label.get(word))


def _language(labels: Sequence[str]) -> Language | None:
    """The language of column 0, else the one that knows at least half of the words (and the id) of
    a rearranged file.
    """
    for language in (EN_2018, *LANGUAGES):
        if labels and language.by_label.get(normalize_label(labels[0])) == "activity_id":
            return language
    words = [normalize_label(label) for label in labels]
    best = max(LANGUAGES, key=lambda known: sum(word in known.by_label for word in words))
    return best if 2 * sum(word in best.by_label for word in words) >= len(words) > 0 else None


def _with_places(words: list[str | None], language: Language | None) -> list[str | None]:
    """The columns, the unknown ones filled from the sequence that every known word agrees with."""
    for sequence in sequences(len(words)) if language is not EN_2018 else ():
        pairs = list(zip(words, sequence, strict=True))
        if all(place in (word, None) for word, place in pairs if word):
            return [word or place for word, place in pairs]
    return words


def _occurrences(
    columns: Sequence[str | None], suffixes: Sequence[int | None]
) -> tuple[tuple[str, int] | None, ...]:
    """Which of its name each column is: what pandas says, else the lowest number that is free."""
    taken = {
        (column, suffix)
        for column, suffix in zip(columns, suffixes, strict=True)
        if suffix is not None
    }
    numbers: defaultdict[str, Iterator[int]] = defaultdict(count)
    found: list[tuple[str, int] | None] = []
    for column, suffix in zip(columns, suffixes, strict=True):
        if column is None:
            found.append(None)
            continue
        if suffix is None:
            suffix = next(number for number in numbers[column] if (column, number) not in taken)
        found.append((column, suffix))
    return tuple(found)
