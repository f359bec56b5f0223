"""Collects the texts of track points from a GPX or TCX file, one column per field.

It tolerates damage, and never expands entities.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from xml.parsers import expat

from ingest.errors import CorruptFile, TooLarge
from ingest.transform.parsers.limits import MAX_NAMES, MAX_POINTS

#: Largest depth of nested elements; real files nest nine deep.
MAX_DEPTH: Final = 64
#: Bytes that are read at a time, and the most that an unfinished tag may have.
_CHUNK: Final = 1 << 20
_MAX_TOKEN: Final = 8 * _CHUNK

Texts = list[str | None]


class UnreasonableError(Exception):
    """The XML is unlike anything a device writes; the message says in what way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPoints:
    """Columns of texts by field, all of length ``count``.

    ``breaks`` are the indexes at which a segment or lap begins.
    """

    columns: Mapping[str, Texts]
    count: int
    breaks: Sequence[int]
    damage: str | None = None


class _ByTag(dict[str, str]):
    """Tag -> what its lower-case name without prefix stands for, computed once per tag."""

    def __init__(self, meaning: Callable[[str], str]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, tag: str) -> str:
        if len(self) >= MAX_NAMES:
            raise UnreasonableError(f"has more than {MAX_NAMES:,} names of elements and attributes")
        found = self[tag] = self._meaning(tag.rpartition(":")[2].lower())
        return found


class PointReader:
    """Collects the points; a subclass names their elements and handles those around them.

    A point is a dict of texts by field, made of the attributes of its element and of the elements
    inside it, at any depth. Inside a point only the ends of elements call Python, since such calls
    take most of the time: the text collected at an end is then the blanks before the element and
    its own text.
    """

    #: The point's element, as nearly all files write it; then its local name in lower case.
    TAG: ClassVar[str]
    POINT: ClassVar[str]
    #: Local lower-case name -> field, for the elements inside a point.
    FIELDS: ClassVar[Mapping[str, str]]
    #: Fields that are attributes of the point's element.
    ATTRIBUTES: ClassVar[tuple[str, ...]] = ()
    #: What must stand around a point for the reader to take it as one: opening and closing text.
    FRAME: ClassVar[tuple[str, str]]

    def __init__(self) -> None:
        self.points: list[dict[str, str]] = []
        self.breaks: list[int] = []
        self.path: list[str] = []
        fields = {**self.FIELDS, self.POINT: self.POINT}
        self._names = _ByTag(str)
        #: Empty for a tag without a field.
        self._fields = _ByTag(lambda name: fields.get(name, ""))
        self._texts: list[str] = []
        self._point: dict[str, str] | None = None
        self._checked: dict[str, str] | None = None
        #: Whether points are skipped; a subclass sets it around those that were not recorded.
        self.ignoring = False

    def attach(self, parser: expat.XMLParserType) -> None:
        """Listen to a parser."""
        self._parser = parser
        self._handlers = self._start, self._end, self._inside_handler()
        parser.StartElementHandler, parser.EndElementHandler, _ = self._handlers
        parser.CharacterDataHandler = self._texts.append

    def check(self, origin: str) -> None:
        """Refuse a file with too many points, or with a point still open since the last check.

        What nests inside an open point is not counted, so such a point could hide anything.
        """
        if len(self.points) > MAX_POINTS:
            raise TooLarge(origin, f"has more points than the limit of {MAX_POINTS:,}")
        if self._point is not None and self._point is self._checked:
            raise UnreasonableError("has a point that does not end")
        self._checked = self._point

    def detach(self) -> None:
        """Drop the parser, whose handlers hold this reader and all its points."""
        del self._parser, self._handlers

    def opened(self, name: str, attributes: Mapping[str, str]) -> None:
        """Called when an element outside of points begins."""

    def closed(self, name: str, text: str) -> None:
        """Called when an element outside of points ends; ``path`` holds its parents."""

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = self._names[tag]
        self._texts.clear()
        if name == self.POINT and not self.ignoring:
            self._point = attributes if self._has_fields(attributes) else self._local(attributes)
            parser = self._parser
            parser.StartElementHandler, parser.EndElementHandler = None, self._handlers[2]
            return
        self.path.append(name)
        if len(self.path) > MAX_DEPTH:
            raise UnreasonableError(f"nests elements more than {MAX_DEPTH} deep")
        self.opened(name, self._local(attributes))

    def _end(self, _tag: str) -> None:
        # A point inside a point leaves one end too many.
        if self.path:
            name = self.path.pop()
            self.closed(name, "".join(self._texts).strip())

    def _inside_handler(self) -> Callable[[str], None]:
        """The handler of ends inside a point.

        It is a closure, since looking up attributes would take a sixth of all time.
        """
        fields, texts, close, point_tag = self._fields, self._texts, self._close_point, self.POINT

        def end_inside(tag: str) -> None:
            if field := fields[tag]:
                text = "".join(texts)
                if field == point_tag:
                    close()
                # HeartRateBpm ends after its Value, with blanks or nothing in between.
                elif text and not text.isspace():
                    self._point[field] = text  # type: ignore[index]  # a point is open
            texts.clear()

        return end_inside

    def _close_point(self) -> None:
        if self._point is not None:
            self.points.append(self._point)
        self._point = None
        parser = self._parser
        parser.StartElementHandler, parser.EndElementHandler, _ = self._handlers

    def _has_fields(self, _: dict[str, str]) -> bool:
        """Whether the attributes of a point can be taken as they are."""
        return True

    def _local(self, attributes: Mapping[str, str]) -> dict[str, str]:
        return {self._names[key]: value for key, value in attributes.items()}


def fields_of(reader: PointReader) -> tuple[str, ...]:
    """The fields that the points of a reader can have."""
    return (*reader.ATTRIBUTES, *dict.fromkeys(reader.FIELDS.values()))


def read_tolerant(data: bytes, reader: PointReader, origin: str) -> RawPoints:
    """Read all whole points up to the end or to the first damage.

    Raises:
        CorruptFile: the file declares entities or is unreasonable.
        TooLarge: it holds more than ``MAX_POINTS``.
    """
    damage = drive(data, reader, origin)
    columns: dict[str, Texts] = {
        field: [point.get(field) for point in reader.points] for field in fields_of(reader)
    }
    return RawPoints(columns=columns, count=len(reader.points), breaks=reader.breaks, damage=damage)


def drive(data: bytes, reader: PointReader, origin: str) -> str | None:
    """Read UTF-8 bytes to the end or to the first error; returns the error, ``None`` without one.

    Raises:
        CorruptFile: the file declares entities or is unreasonable, so nothing of it is trusted.
        TooLarge: it holds more points than are read.
    """
    # Namespaces are not processed: some files use prefixes without declaring them, and local names
    # are enough.
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    # Makes the parser skip unknown entities, as if a DTD elsewhere might define them: an HTML
    # entity in a name must not cost the track.
    parser.UseForeignDTD(True)
    parser.EntityDeclHandler = _refuse_entity
    reader.attach(parser)
    try:
        for at in range(0, len(data), _CHUNK):
            parser.Parse(data[at : at + _CHUNK], False)
            reader.check(origin)
            if at - parser.CurrentByteIndex > _MAX_TOKEN:
                # Expat scans an unfinished tag anew with each chunk.
                raise UnreasonableError("has a tag or comment of megabytes")
        parser.Parse(b"", True)
    except expat.ExpatError as err:
        return f"damaged or cut off at line {err.lineno} ({expat.ErrorString(err.code)})"
    except UnreasonableError as err:
        raise CorruptFile(origin, f"the XML {err}") from err
    finally:
        reader.detach()
    return None


def _refuse_entity(name: str, *_: object) -> None:
    # No device needs entities, and attackers do.
    raise UnreasonableError(f"declares the entity {name[:40]!r}; files with entities are not read")
