"""Finds the language of activities.csv and the meaning of each column from its header.

A column is known by its words. Some names stand twice (``Elapsed Time``, ``Distance``, ``Max Heart
Rate``, ``Relative Effort`` and ``Commute``): these are told apart by which of the two comes first.
The place in the header is used only for unknown words.
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

__all__ = ["Header", "language_of", "match_header", "name_key", "plain_label"]

_SPAN = re.compile(r"<span\b([^>]*)>(.*?)</span>", re.IGNORECASE | re.DOTALL)
_MISSING = re.compile(r"translation missing:\s*([\w.\-]+)", re.IGNORECASE)
#: Largest length of a label; a longer one may be made to keep a regular expression busy.
_LONGEST = 1_000
_PANDAS = re.compile(r"(.*\S)\.(\d{1,2})", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the columns of a header are.

    ``columns[i]`` is (column, occurrence from 0), or ``None`` if it is unknown. ``by_place`` are
    the indexes of columns known only by their place.
    """

    labels: tuple[str, ...]
    columns: tuple[tuple[str, int] | None, ...]
    language: Language | None
    by_place: tuple[int, ...] = ()
    #: Column -> occurrence -> index.
    _places: dict[str, dict[int, int]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for index, known in enumerate(self.columns):
            if known is not None:
                self._places.setdefault(known[0], {}).setdefault(known[1], index)

    def indexes(self, column: str) -> tuple[int, ...]:
        """The indexes of the column, first occurrence first."""
        return tuple(index for _, index in sorted(self._places.get(column, {}).items()))

    def index(self, column: str, occurrence: int) -> int | None:
        """The index of this occurrence of the column."""
        return self._places.get(column, {}).get(occurrence)

    @property
    def unknown(self) -> tuple[int, ...]:
        """The indexes of unknown columns."""
        return tuple(index for index, known in enumerate(self.columns) if known is None)


def plain_label(cell: str) -> str:
    """A label without Strava's text for a missing translation.

    ``<span ... title="translation missing: ...jump_count">Jump Count</span>`` and ``translation
    missing: ...jump_count`` both become words: the visible ones, else the last part of the key.
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
    """What every column of the header is.

    Unknown words are taken by their place if the header matches a known sequence of columns.
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


def language_of(cells: Sequence[str]) -> str | None:
    """The code of the language (``de``) that a header of activities.csv is in; ``None`` if unknown.

    Strava writes it in the language that the athlete has chosen.
    """
    language = match_header(cells).language
    return None if language is None else language.code


def _without_suffix(cell: str) -> tuple[str, int | None]:
    """The label, and the number that pandas puts after a repeated one (``Distance.1``)."""
    if suffixed := _PANDAS.fullmatch(cell.strip()):
        return plain_label(suffixed[1]), int(suffixed[2])
    return plain_label(cell), None


def _column(label: str, language: Language) -> str | None:
    # Columns that are too new to be translated have English names in every language.
    word = normalize_label(label)
    return language.by_label.get(word) or (None if language is EN_2018 else EN.by_label.get(word))


def _language(labels: Sequence[str]) -> Language | None:
    """The language of the first label, else the one that knows at least half of all labels.

    The latter must know the id too; it is for files whose columns were rearranged.
    """
    for language in (EN_2018, *LANGUAGES):
        if labels and language.by_label.get(normalize_label(labels[0])) == "activity_id":
            return language
    words = [normalize_label(label) for label in labels]
    best = max(LANGUAGES, key=lambda known: sum(word in known.by_label for word in words))
    return best if 2 * sum(word in best.by_label for word in words) >= len(words) > 0 else None


def _with_places(words: list[str | None], language: Language | None) -> list[str | None]:
    """The columns; unknown ones are filled in from a sequence that agrees with all known ones."""
    for sequence in sequences(len(words)) if language is not EN_2018 else ():
        pairs = list(zip(words, sequence, strict=True))
        if all(place in (word, None) for word, place in pairs if word):
            return [word or place for word, place in pairs]
    return words


def _occurrences(
    columns: Sequence[str | None], suffixes: Sequence[int | None]
) -> tuple[tuple[str, int] | None, ...]:
    """Which occurrence of its name each column is: pandas' number, else the lowest free one."""
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
