"""Provisional ids: negative, exact in a double, in the order of starts, equal for equal files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.transform.provisional_ids import content_hash, provisional_id

MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))


@given(st.binary(), st.integers(0, 9), st.integers(0, 2**63 - 1), MOMENTS)
def test_an_id_is_negative_and_exact_in_a_double(
    data: bytes, session: int, athlete: int, start: datetime | None
) -> None:
    made = provisional_id(content_hash(data), session, athlete, start)
    assert -(2**53) < made < 0
    assert int(float(made)) == made
    assert made == provisional_id(content_hash(data), session, athlete, start)


@given(st.binary(), st.binary(), st.integers(1, 10**6))
def test_a_later_start_has_a_higher_id(one: bytes, other: bytes, minutes: int) -> None:
    start = datetime(2024, 5, 1, 6, tzinfo=UTC)
    later = start + timedelta(minutes=minutes)
    ids = [provisional_id(content_hash(d), 0, 0, t) for d, t in ((one, start), (other, later))]
    assert ids[0] < ids[1]


def test_sessions_and_athletes_have_ids_of_their_own() -> None:
    start = datetime(2024, 5, 1, 6, tzinfo=UTC)
    found = {provisional_id("0" * 32, i, athlete, start) for i in range(3) for athlete in (0, 7, 8)}
    assert len(found) == 9
