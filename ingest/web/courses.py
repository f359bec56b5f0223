"""Keeps the courses that were dropped on the page, and reads the form that they come in."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from email import policy
from email.parser import BytesParser
from threading import Lock
from typing import Final

from ingest.course.files.course import RaceCourse

#: Courses that are kept, in memory; older ones must be dropped again.
_KEPT: Final = 20
_NAME_LENGTH: Final = 200


class Courses:
    """The courses that were dropped last, by keys that nobody can guess."""

    def __init__(self) -> None:
        self._courses: OrderedDict[str, RaceCourse] = OrderedDict()
        self._lock = Lock()

    def keep(self, course: RaceCourse) -> str:
        """Keep a course; returns its key."""
        key = secrets.token_urlsafe(12)
        with self._lock:
            self._courses[key] = course
            if len(self._courses) > _KEPT:
                self._courses.popitem(last=False)
        return key

    def find(self, key: str) -> RaceCourse | None:
        """The course of a key; ``None`` if it is not kept any more."""
        with self._lock:
            return self._courses.get(key)


def file_in(content_type: str, form: bytes) -> tuple[str, bytes] | None:
    """Name and content of the file in a form (``multipart/form-data``); ``None`` without one."""
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    message = BytesParser(policy=policy.HTTP).parsebytes(head + form)
    for part in message.iter_parts():
        name = part.get_filename()
        data = part.get_payload(decode=True)
        if name and isinstance(data, bytes):
            return name[-_NAME_LENGTH:], data
    return None
