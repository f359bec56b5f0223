"""HTTP as Strava is asked: sessions that neither hang nor wander nor let other credentials in, and refusals in words."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilentTooLong

#: How often ``timeout_s`` an answer may take as a whole: the timeout itself begins anew with every packet.
_WHOLE: Final = 2
#: Far more than the streams of the longest activity; what is larger is no answer of Strava's.
_MOST_BYTES: Final = 100_000_000
_PIECE: Final = 65_536


class WebSession(requests.Session):
    """Requests with timeouts; never a redirect (it would take the token along), never what ``.netrc`` holds.

    Raises ``requests.RequestException`` only. ``answer`` is the last request's answer, as far as it came.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self.timeout_s = timeout_s
        self.answer: requests.Response | None = None
        # Without an ``auth`` of its own, requests puts .netrc's password in the place of our Authorization header.
        # ``trust_env = False`` would end that too, but proxies and certificates of the environment with it.
        self.auth = _unchanged

    def request(self, method: str, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Send one request and read the answer to its end, or until its time is over."""
        self.answer = None
        until = time.monotonic() + _WHOLE * self.timeout_s
        kwargs |= {"timeout": self.timeout_s, "allow_redirects": False, "stream": True}
        try:
            answer = self.answer = super().request(method, url, *args, **kwargs)
            body = b"".join(_pieces(answer, until))
        # urllib3's own errors: requests translates those of its own reading only.
        except SilentTooLong as err:
            raise requests.ReadTimeout("the answer stopped coming") from err
        except HTTPError as err:
            raise requests.ConnectionError("the answer broke off") from err
        finally:
            if self.answer is not None:
                self.answer.close()
        answer.raw = io.BytesIO(body)  # where requests goes on reading
        return answer


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _pieces(answer: requests.Response, until: float) -> Iterator[bytes]:
    # read1 returns with every packet, so that a server that sends byte after byte cannot hold us for ever.
    size = 0
    while piece := answer.raw.read1(_PIECE, decode_content=True):
        size += len(piece)
        if time.monotonic() > until:
            raise requests.ReadTimeout("the answer came too slowly")
        if size > _MOST_BYTES:
            raise requests.ConnectionError("the answer does not end")
        yield piece


def what_failed(err: requests.RequestException, timeout_s: float) -> str:
    """A failed request in words, without the URL and internals that the exception's own text is full of."""
    if isinstance(err, requests.JSONDecodeError):
        return "the answer is no JSON"
    if isinstance(err, requests.Timeout):
        return f"no whole answer in time (STRAVA_API_TIMEOUT is {timeout_s:g} s)"
    if isinstance(err, requests.exceptions.ProxyError):
        return "the proxy that the environment names does not answer"
    if isinstance(err, requests.exceptions.SSLError):
        return "the certificate of the server cannot be trusted"
    if isinstance(err, requests.exceptions.InvalidURL):
        return "the address is no URL"
    if isinstance(err, requests.HTTPError):
        return "the answer is an error without saying so"
    return "the connection failed or broke off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One entry of ``errors`` in a refusal: what is wrong (``code``) with which field of what."""

    resource: str
    field: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What Strava says when it refuses."""

    status: int
    message: str
    complaints: tuple[Complaint, ...]

    def about(self, field: str) -> bool:
        """Whether a complaint is about this field, or this resource."""
        return any(field in (complaint.field, complaint.resource) for complaint in self.complaints)

    def __str__(self) -> str:
        details = "; ".join(f"{c.resource} {c.field} {c.code}".strip() for c in self.complaints)
        return f"{self.status} {self.message}" + (f" ({details})" if details else "")


def read_refusal(answer: requests.Response) -> Refusal:
    """The refusal in an answer, whatever its body is: Strava's JSON, a web server's page, nothing."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = None
    body = body if isinstance(body, dict) else {}
    errors = body.get("errors")
    entries = errors if isinstance(errors, list) else [errors]
    return Refusal(
        status=answer.status_code,
        message=_word(body.get("message")) or _word(answer.reason),
        complaints=tuple(_complaint(entry) for entry in entries if isinstance(entry, dict)),
    )


def _complaint(entry: dict[str, Any]) -> Complaint:
    return Complaint(
        resource=_word(entry.get("resource")), field=_word(entry.get("field")), code=_word(entry.get("code"))
    )


def _word(value: object) -> str:
    # It ends in a message on a terminal, and whoever answers may not be Strava.
    return "".join(letter for letter in value[:200] if letter.isprintable()) if isinstance(value, str) else ""


def host(url: str) -> str:
    """The part of a URL that messages may name."""
    return urlsplit(url).netloc.rpartition("@")[2]
