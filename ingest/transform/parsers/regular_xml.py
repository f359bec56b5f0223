"""Reads GPX and TCX fast where all points look alike, with one regular expression.

The expression is learned from the file itself: a few of its points give the shape of all, including
their blanks. The tolerant reader reads one point of this shape, which shows what each value is.

The rest of the file goes to the tolerant reader, with one marked point in place of every unbroken
run of regular points. Afterwards the runs replace their marks. So both ways give the same texts.
Where that is in doubt, the result is ``None`` and the tolerant reader reads the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final, TypeVar

from ingest.errors import TooLarge
from ingest.transform.parsers.limits import MAX_POINTS
from ingest.transform.parsers.xml_points import (
    PointReader,
    RawPoints,
    Texts,
    drive,
    fields_of,
    read_tolerant,
)

#: Number of points below which learning the shape takes longer than reading them.
_MIN_POINTS: Final = 100
_SAMPLES: Final = 12
#: Character that stands for a value in a shape; no XML can contain it.
_SLOT: Final = "\0"
_MARK: Final = "regular-points-of-strava-ingest"

#: Largest number of parts and characters of a point that is learned. Real points have up to twenty
#: parts in a thousand characters. Without a bound, a file could make its own expression expensive;
#: with it, the time to match a point is in proportion to its length.
_MAX_PARTS: Final = 64
_MAX_LENGTH: Final = 8192

_LEAF_OR_TAG: Final = re.compile(r"(\s*+<([\w:.-]++)>)[^<>&]*+(</\2>)|\s*+<[^<>!?&]++>")
_QUOTED: Final = re.compile(r'="[^"<&]*+"')
_VALUE: Final = r"([0-9A-Za-z.:+\- ]*+)"
#: ASCII except "<", "&" and the quote, so that a value ends where its attribute ends.
_IGNORED_VALUE: Final = r"[ !#-%'-;=-\\^-~]*+"

R = TypeVar("R", bound=PointReader)
Shape = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splitter:
    """Splits a file into the text between regular points and the values of their ``fields``."""

    pattern: re.Pattern[str]
    fields: tuple[str, ...]


def read_points(data: bytes, reader_type: type[R], origin: str) -> tuple[R, RawPoints]:
    """Read the points of a file in UTF-8, the fast way if its points look alike.

    Raises:
        CorruptFile: the file declares entities or is unreasonable.
        TooLarge: it holds more than ``MAX_POINTS``.
    """
    found = read_regular(data, reader_type, origin)
    if found is not None:
        return found
    reader = reader_type()
    return reader, read_tolerant(data, reader, origin)


def read_regular(data: bytes, reader_type: type[R], origin: str) -> tuple[R, RawPoints] | None:
    """Read a file whose points look alike; ``None`` if it must be read tolerantly.

    Raises:
        CorruptFile: the file declares entities or is unreasonable.
        TooLarge: it holds more than ``MAX_POINTS``.
    """
    count = data.count(f"</{reader_type.TAG}>".encode())
    if count > MAX_POINTS:
        raise TooLarge(origin, f"has {count:,} points, more than the limit of {MAX_POINTS:,}")
    if count < _MIN_POINTS or _MARK.encode() in data:
        return None
    # Latin-1 gives one character per byte, whatever the letters are: points are ASCII or not
    # regular.
    text = data.decode("latin-1")
    splitter = _learn(text, reader_type)
    if splitter is None:
        return None
    parts = splitter.pattern.split(text)
    stride = len(splitter.fields) + 1
    between = parts[::stride]
    if len(between) - 1 < count // 2:
        return None
    starts = [0, *(row for row in range(1, len(between) - 1) if between[row])]
    reader = _read_skeleton(between, starts, reader_type, origin)
    if reader is None:
        return None
    regular = {field: parts[at::stride] for at, field in enumerate(splitter.fields, start=1)}
    return reader, _merge(reader, regular, [*starts, len(between) - 1])


def _read_skeleton(
    between: Sequence[str], starts: Sequence[int], reader_type: type[R], origin: str
) -> R | None:
    """Read the file with one marked point for each run of regular ones.

    ``None`` if it is damaged or a mark is not found again.
    """
    mark = f"<{reader_type.TAG}><time>{_MARK}</time></{reader_type.TAG}>"
    skeleton = "".join(between[row] + mark for row in starts) + between[-1]
    reader = reader_type()
    if drive(skeleton.encode("latin-1"), reader, origin) is not None:
        return None
    # Marks are missing if regular points stood in a comment or in a course.
    return reader if sum(_is_mark(point) for point in reader.points) == len(starts) else None


def _is_mark(point: Mapping[str, str]) -> bool:
    return point.get("time") == _MARK


def _merge(reader: PointReader, regular: Mapping[str, Texts], bounds: Sequence[int]) -> RawPoints:
    """Put the runs of regular points back in place of their marks."""
    runs = pairwise(bounds)
    rows = [slice(*next(runs)) if _is_mark(point) else None for point in reader.points]
    sizes = [1 if row is None else row.stop - row.start for row in rows]
    offsets = [0, *accumulate(sizes)]
    columns = {
        field: _column(field, reader.points, rows, regular.get(field), offsets[-1])
        for field in fields_of(reader)
    }
    return RawPoints(
        columns=columns, count=offsets[-1], breaks=[offsets[at] for at in reader.breaks]
    )


def _column(
    field: str,
    points: Sequence[Mapping[str, str]],
    rows: Sequence[slice | None],
    regular: Texts | None,
    count: int,
) -> Texts:
    if regular is None:
        regular = [None] * count
    if len(points) == 1:
        return regular
    column: Texts = []
    for point, row in zip(points, rows, strict=True):
        if row is None:
            column.append(point.get(field))
        else:
            column += regular[row]
    return column


def _learn(text: str, reader_type: type[PointReader]) -> _Splitter | None:
    """Build the expression for a file's points from the fullest of a few of them.

    Parts that some of these points lack are optional.
    """
    shapes = list(_shapes(text, reader_type.TAG))
    if not shapes:
        return None
    fullest = max(shapes, key=len)
    optional = frozenset(
        part for part in fullest if not all(part in shape for shape in set(shapes))
    )
    # With equal optional parts, matching would try every combination of which ones a point has.
    if any(fullest.count(part) > 1 for part in optional):
        return None
    return _splitter(fullest, optional, reader_type)  # type: ignore[arg-type]  # mypy takes a class for unhashable


def _shapes(text: str, tag: str) -> Iterator[Shape]:
    """Sample points from all over the file, with slots in place of their values."""
    opening, closing = re.compile(f"<{tag}[ >]"), f"</{tag}>"
    for sample in range(_SAMPLES):
        match = opening.search(text, len(text) * sample // _SAMPLES)
        end = text.find(closing, match.end()) if match else -1
        if match is None or end < 0:
            return
        if end - match.start() > _MAX_LENGTH:
            continue
        block = text[match.start() : end + len(closing)]
        parts = _parts(block)
        if parts and not opening.search(block, 1) and _SLOT not in block:
            yield (_QUOTED.sub(f'="{_SLOT}"', parts[0]), *map(_with_slot, parts[1:]))


def _parts(block: str) -> list[str]:
    """The tags of a point; an element without children is one part with its value.

    Empty if the point holds anything else, or too many parts.
    """
    parts: list[str] = []
    at = 0
    while at < len(block):
        match = _LEAF_OR_TAG.match(block, at)
        if match is None or len(parts) == _MAX_PARTS:
            return []
        parts.append(match[0])
        at = match.end()
    return parts


def _with_slot(part: str) -> str:
    match = _LEAF_OR_TAG.fullmatch(part)
    return match[1] + _SLOT + match[3] if match and match[3] else part


@lru_cache(maxsize=64)
def _splitter(
    shape: Shape, optional: frozenset[str], reader_type: type[PointReader]
) -> _Splitter | None:
    """Compile a shape.

    ``None`` if the tolerant reader does not find each known value in a slot of its own.
    """
    slots = "".join(shape).count(_SLOT)
    numbered = iter(range(slots))
    sample = re.sub(_SLOT, lambda _: str(next(numbered)), "".join(shape))
    fields = _read_sample(sample, reader_type)
    if fields is None or len(fields) != _known_slots(shape, reader_type):
        return None
    values = iter(_VALUE if slot in fields else _IGNORED_VALUE for slot in map(str, range(slots)))
    pattern = re.sub(_SLOT, lambda _: next(values), _expression(shape, optional))
    return _Splitter(
        pattern=re.compile(pattern), fields=tuple(fields[slot] for slot in sorted(fields, key=int))
    )


def _read_sample(sample: str, reader_type: type[PointReader]) -> dict[str, str] | None:
    """Slot -> field, found by tolerantly reading a point whose values are its slots' numbers."""
    reader = reader_type()
    opening, closing = reader_type.FRAME
    damage = drive((opening + sample + closing).encode("latin-1"), reader, "")
    if damage is not None or len(reader.points) != 1:
        return None
    found = {
        text.strip(): field
        for field, text in reader.points[0].items()
        if field in fields_of(reader)
    }
    return found if all(slot.isdecimal() for slot in found) else None


def _known_slots(shape: Shape, reader_type: type[PointReader]) -> int:
    """How many slots of a shape belong to a known field.

    If two belong to the same field, that is more than the reader found.
    """
    names = [
        match[2].rpartition(":")[2].lower()
        for part in shape
        if (match := _LEAF_OR_TAG.match(part)) and match[2]
    ]
    return sum(name in reader_type.FIELDS for name in names) + len(reader_type.ATTRIBUTES)


def _expression(shape: Shape, optional: frozenset[str]) -> str:
    """The shape as a regular expression that also takes blanks behind it; slots are still in it."""
    parts: list[str] = []
    opened: list[bool] = []
    for part in shape:
        literal = part.replace(_SLOT, "\1")
        escaped = re.escape(literal).replace("\1", _SLOT)
        if part.lstrip().startswith("</"):
            parts.append(escaped + (")?" if opened.pop() else ""))
        elif (_SLOT in part and part is not shape[0]) or part.endswith("/>"):
            parts.append(f"(?:{escaped})?" if part in optional else escaped)
        else:
            opened.append(part in optional)
            parts.append(f"(?:{escaped}" if opened[-1] else escaped)
    return "".join(parts) + r"[ \t\r\n]*"
