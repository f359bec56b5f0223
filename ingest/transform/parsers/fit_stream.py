"""Finds the messages of a FIT file in one fast walk and groups them by their definition.

The walk is the only loop over single messages. It reads one header byte of each and jumps over runs
of equal messages by a strided slice; all later code works on whole columns. Damaged places are
skipped and named in ``Stream.partial``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from statistics import median_high
from typing import Final

from ingest.errors import CorruptFile, TooLarge
from ingest.transform.parsers.fit_definition import Definition, read_definition
from ingest.transform.parsers.fit_profile import FIRST_DATE, LAST_DATE
from ingest.transform.parsers.fit_resume import next_message, time_of
from ingest.transform.parsers.limits import MAX_CHAINED, MAX_DEFINITIONS, MAX_MESSAGES

SIGNATURE: Final = b".FIT"
SIGNATURE_AT: Final = 8
_SHORT_HEADER: Final = 12
_LONG_HEADER: Final = 14
_CRC_SIZE: Final = 2
_FIRST_RUN: Final = 32
#: Number of times before a damaged place whose median tells what time it was there.
_WITNESSES: Final = 7
#: Bytes in which messages are searched for after damage, and damaged places of a file after which
#: this is done: they bound the time that a rubbish file takes.
_SEARCHED: Final = 64 * 1024
_MOST_PROBLEMS: Final = 100
#: Bytes that are walked before messages are counted, which bounds how far a file can exceed limits.
_COUNTED: Final = 256 * 1024


@dataclass(slots=True, kw_only=True)
class Group:
    """All messages of one definition: where each begins, in file order.

    ``compressed`` messages have a header that carries five bits of the time.
    """

    definition: Definition
    compressed: bool = False
    offsets: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Stream:
    """A walked file: the groups, where each chained file begins, and what could not be read."""

    data: bytes
    #: Global message number -> its groups, of those that have messages.
    groups: dict[int, list[Group]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def of(self, message: int) -> list[Group]:
        """The groups of one global message number that have messages."""
        return self.groups.get(message, [])

    @property
    def partial(self) -> str | None:
        """What was damaged or missing, or ``None`` for a whole file."""
        if len(self.problems) > 1:
            return f"{self.problems[0]} (and {len(self.problems) - 1} more places)"
        return self.problems[0] if self.problems else None


def read_stream(data: bytes, origin: str) -> Stream:
    """Walk a FIT file, or several chained in one.

    Checksums are not tested: some programs write zero or wrong ones in whole files, and damage
    shows in the structure.

    Raises:
        CorruptFile: the bytes do not begin with a FIT header.
        TooLarge: there are more messages, definitions or chained files than any device writes.
    """
    if not _is_header(data, 0):
        raise CorruptFile(origin, "it does not begin with a FIT header")
    stream, groups, at = Stream(data=data), _Groups(origin), 0
    while _is_header(data, at):
        stream.starts.append(at)
        if len(stream.starts) > MAX_CHAINED:
            raise TooLarge(
                origin, f"holds more than the limit of {MAX_CHAINED:,} FIT files, one after another"
            )
        at = _after_file(stream, _Walk(data, groups), at)
    for group in groups.all():
        if group.offsets:
            stream.groups.setdefault(group.definition.message, []).append(group)
    return stream


def _is_header(data: bytes, at: int) -> bool:
    return data[at + SIGNATURE_AT : at + _SHORT_HEADER] == SIGNATURE


def body_at(data: bytes, at: int) -> int:
    """Where the messages of the file that begins at ``at`` begin."""
    size = data[at]
    if size >= _SHORT_HEADER:
        return at + size
    follows = data[at + _SHORT_HEADER : at + _SHORT_HEADER + 1]
    return at + (_SHORT_HEADER if follows and follows[0] & 0xD0 == 0x40 else _LONG_HEADER)


def _after_file(stream: Stream, walk: _Walk, at: int) -> int:
    """Walk the file that begins at ``at``.

    Returns where the next one begins, or the end of the data if there is none.
    """
    data, body = stream.data, body_at(stream.data, at)
    size = int.from_bytes(data[at + 4 : at + 8], "little")
    # A recorder that lost power leaves the size zero.
    end = min(body + size, len(data)) if size else len(data)
    if body + size > len(data):
        stream.problems.append(f"cut short: {max(len(data) - body, 0)} of {size} bytes")
    stop = _walk_through(stream, walk, body, end)
    return _next_file(stream, stop, end, bool(size))


def _walk_through(stream: Stream, walk: _Walk, at: int, end: int) -> int:
    """Walk to ``end``, skipping damaged places where whole messages follow.

    Returns where the walk stopped for good.
    """
    data = stream.data
    while True:
        at = walk.run(at, end)
        if at >= end:
            return at
        if end < len(data) and walk.overran and not _is_header(data, end + _CRC_SIZE):
            end = len(data)  # a message crosses the end: the header states too small a size
            continue
        known, last_time = walk.known()
        again = -1
        if len(stream.problems) < _MOST_PROBLEMS:
            again = next_message(data, at + 1, _limit(data, at, end), known, last_time)
        if again >= 0:
            stream.problems.append(f"damaged from byte {at} to {again}")
            walk.distrust_last()
        elif len(data) - at > _CRC_SIZE and not stream.problems:
            stream.problems.append(f"{'cut short' if walk.overran else 'damaged'} at byte {at}")
        if again < 0:
            return at
        at = again


def _limit(data: bytes, at: int, end: int) -> int:
    """Where the search for messages after ``at`` ends, at the latest before a chained file."""
    end = min(end, at + _SEARCHED)
    found = data.find(SIGNATURE, at + SIGNATURE_AT, end)
    return end if found < 0 else found - SIGNATURE_AT


def _next_file(stream: Stream, stop: int, end: int, sized: bool) -> int:
    """Where the next chained file begins; notes bytes before it that are no FIT and no padding."""
    data = stream.data
    after = max(stop, end) if sized else stop
    for at in (after + _CRC_SIZE, after):
        if _is_header(data, at):
            return at
    found = data.find(SIGNATURE, stop + SIGNATURE_AT)
    rest = data[after + _CRC_SIZE : len(data) if found < 0 else found - SIGNATURE_AT]
    if rest.strip(b"\0\xff") and not stream.problems:
        stream.problems.append(f"{len(rest)} bytes after byte {after} are not FIT")
    return len(data) if found < 0 else found - SIGNATURE_AT


class _Groups:
    """The groups of a whole file.

    A definition that is repeated continues its group, whatever local number it has now.
    """

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._defined = 0
        #: Definition -> its plain messages, and those with a compressed header.
        self._by_definition: dict[bytes, tuple[Group, Group]] = {}

    def all(self) -> Iterator[Group]:
        """All groups, also those without messages."""
        return chain.from_iterable(self._by_definition.values())

    def define(self) -> None:
        """Count a definition."""
        self._defined += 1
        if len(self._by_definition) > MAX_DEFINITIONS:
            raise TooLarge(
                self._origin,
                f"has more than the limit of {MAX_DEFINITIONS:,} different FIT definitions",
            )

    def check(self) -> None:
        """Refuse a file with too many messages; called every so often."""
        if self._defined + sum(len(group.offsets) for group in self.all()) > MAX_MESSAGES:
            raise TooLarge(
                self._origin, f"has more than the limit of {MAX_MESSAGES:,} FIT messages"
            )

    def get(self, definition: Definition) -> tuple[Group, Group]:
        groups = self._by_definition.get(definition.key)
        if groups is None:
            groups = Group(definition=definition), Group(definition=definition, compressed=True)
            self._by_definition[definition.key] = groups
        return groups


class _Walk:
    """The messages of one file of a chain."""

    def __init__(self, data: bytes, groups: _Groups) -> None:
        self._data, self._groups = data, groups
        # Header byte -> (size of its messages, their offsets); ``None`` until a definition gives
        # the byte a meaning.
        self._table: list[tuple[int, list[int]] | None] = [None] * 256
        #: Whether the walk stopped because a message reaches past the end.
        self.overran = False

        # Header byte -> the definition of its messages, and their offsets.
        self._known: dict[int, tuple[Definition, list[int]]] = {}

    def known(self) -> tuple[list[tuple[int, Definition]], int]:
        """The header bytes that have a definition, with it, and the last time before the damage."""
        latest = sorted(
            ((at, known) for known, offsets in self._known.values() for at in offsets[-2:]),
            key=itemgetter(0),
        )[-_WITNESSES:]
        times = [
            time
            for at, known in latest
            if FIRST_DATE <= (time := time_of(self._data, at, known)) < LAST_DATE
        ]
        # The median, since the messages just before the damage may be damaged themselves.
        return [(head, known) for head, (known, _) in self._known.items()], median_high(
            times
        ) if times else 0

    def distrust_last(self) -> None:
        """Forget the last message before a damaged place.

        If bytes are missing there, it may have taken bytes of the next message as its own.
        """
        last = max(
            (offsets for _, offsets in self._known.values() if offsets),
            key=itemgetter(-1),
            default=None,
        )
        if last is not None:
            last.pop()

    def run(self, at: int, end: int) -> int:
        """Collect offsets from ``at`` up to ``end`` or to damage; returns where it stopped."""
        self.overran = False
        going = True
        while going and at < end:
            stop = min(end, at + _COUNTED)
            at = self._some(at, stop, end)
            self._groups.check()
            going = at >= stop
        return at

    def _some(self, at: int, stop: int, end: int) -> int:
        """Collect the messages that begin before ``stop``.

        Returns where the last one ends; before ``stop`` only if the place is damaged.
        """
        data, table = self._data, self._table
        while at < stop:
            head = data[at]
            entry = table[head]
            if entry is None:
                after = self._define(at, end)
                if after < 0:
                    return at
                at = after
                continue
            size, offsets = entry
            after = at + size
            if after > end:
                self.overran = True
                return at
            offsets.append(at)
            at = after
            if after + size <= end and data[after] == head:
                at = self._same(after, min(stop, end - size + 1), size, offsets)
        return at

    def _same(self, at: int, stop: int, size: int, offsets: list[int]) -> int:
        """Jump over a run of messages like the one at ``at``.

        Their header bytes are equal and ``size`` apart.
        """
        data, head, window = self._data, self._data[at : at + 1], _FIRST_RUN
        while at < stop:
            heads = data[at : min(stop, at + size * window) : size]
            count = len(heads) - len(heads.lstrip(head))
            after = at + size * count
            offsets.extend(range(at, after, size))
            at = after
            if count < len(heads):
                break
            window *= 8
        return at

    def _define(self, at: int, end: int) -> int:
        """Take the definition at ``at``; returns where it ends.

        Returns -1 if there is none, or if it does not end before ``end``.
        """
        data = self._data
        # The third byte is the byte order, 0 or 1. Anything else is no definition, but for instance
        # the bytes of a time of 2024 read at the wrong place.
        if data[at] & 0xC0 != 0x40 or data[at + 2 : at + 3] > b"\1":
            return -1
        definition, after = read_definition(data, at, end)
        if definition is None:
            self.overran = True
            return -1
        self._groups.define()
        local = data[at] & 0x0F
        plain_group, packed_group = self._groups.get(definition)
        self._known[local] = (definition, plain_group.offsets)
        plain = (definition.size, plain_group.offsets)
        # Some writers set bits of the header that mean nothing in a data message.
        for spare_bits in (0x00, 0x10, 0x20, 0x30):
            self._table[local | spare_bits] = plain
        if local < 4:  # a compressed header: two bits of local number, five of the time
            packed = (definition.size, packed_group.offsets)
            first = 0x80 | local << 5
            self._table[first : first + 32] = [packed] * 32
        return after
