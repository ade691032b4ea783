"""Requests and answers as values."""

from __future__ import annotations

import codecs
import json
from datetime import datetime, timezone

import pytest

from wave_pms_sync.http.decoding import Unreadable
from wave_pms_sync.http.messages import Response

NOON = "Thu, 05 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    "body", [b'{"id": "\xc3\xa9"}', codecs.BOM_UTF8 + b'{"id": "\xc3\xa9"}', b'\r\n {"id": "\\u00e9"} \n']
)
def test_json_is_read_whatever_it_is_called(body):
    """A JSON body is read with a byte order mark, with blanks around it, and under a wrong content type."""
    answer = Response(status=200, headers={"Content-Type": "text/html"}, body=body)

    assert answer.json() == {"id": "é"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "an empty body"),
        (b" \n", "an empty body"),
        (b"<!DOCTYPE html><p>Ada</p>", "an HTML or XML page"),
        (b'{"name": "Ada', "a body that is not whole JSON"),
        (b'{"name": NaN}', "JSON with NaN or Infinity in it, which are no JSON,"),
        (b"[1, -Infinity]", "JSON with NaN or Infinity in it, which are no JSON,"),
        (b'{"name": "J\xfcrgen"}', "text that is not UTF-8"),
        (b'{"name": "J\xc3', "a body that is not whole JSON"),
        (b"[" * 100_000, "a body that is not whole JSON"),
        (b"1" * 10_000 + b"x", "a body that is not whole JSON"),
    ],
)
def test_what_is_not_json_is_named_and_not_quoted(body, kind):
    """A body that is not JSON raises Unreadable, which says what it looks like and quotes nothing of it."""
    with pytest.raises(Unreadable) as caught:
        Response(status=200, body=body).json()

    assert str(caught.value) == kind
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_header_names_of_answers_are_in_lower_case():
    """Headers of an answer are found by their name in lower case."""
    assert Response(status=200, headers={"ETag": '"7"'}).headers["etag"] == '"7"'


def test_a_repr_shows_no_secret_and_nobody(make_request):
    """A repr of a request or an answer shows neither query, headers nor body."""
    request = make_request(
        "https://user:pass@pms.example.com/customers?email=ada@example.com",
        headers={"Authorization": "Bearer s3cret"},
        body=b"Ada",
    )
    answer = Response(status=200, headers={"Set-Cookie": "s3cret"}, body=b"Ada")

    shown = f"{request!r} {answer!r}"

    assert "https://pms.example.com/customers" in shown
    assert not [hidden for hidden in ("s3cret", "ada@", "Ada", "pass") if hidden in shown]


@pytest.mark.parametrize(
    "header", [NOON, "Thu, 05 Nov 2026 12:00:00 -0000", "Thu, 05 Nov 2026 13:00:00 +0100", "Thu, 05 Nov 2026 12:00:00"]
)
def test_the_server_tells_its_time(header):
    """The Date header is read as an aware moment in UTC."""
    moment = Response(status=200, headers={"Date": header}).server_time

    assert moment == datetime(2026, 11, 5, 12, tzinfo=timezone.utc)
    assert moment.utcoffset().total_seconds() == 0


@pytest.mark.parametrize("header", ["", "soon", "Thu, 99 Nov 2026 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2300"])
def test_a_time_that_cannot_be_read_is_none(header):
    """A Date header that is no moment is as good as none."""
    assert Response(status=200, headers={"Date": header}).server_time is None


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("-3", 0.0),
        ("Thu, 05 Nov 2026 12:00:30 GMT", 30.0),
        ("Thu, 05 Nov 2026 11:00:00 GMT", 0.0),
        ("", None),
        ("inf", None),
        ("nan", None),
        ("later", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header, wait_s):
    """Retry-After is seconds, or a date counted from the server's own Date; it is never negative."""
    answer = Response(status=429, headers={"Retry-After": header, "Date": NOON})

    assert answer.retry_after_s == wait_s


def test_a_retry_date_needs_the_servers_date():
    """A Retry-After date says nothing without the server's own time, since our clock may differ."""
    assert Response(status=429, headers={"Retry-After": NOON}).retry_after_s is None


def test_the_server_names_its_request():
    """The server's own name for a request is found under the usual headers, and cut to a sane length."""
    assert Response(status=500, headers={"X-Request-Id": "abc"}).request_id == "abc"
    assert Response(status=500, headers={"X-Request-Id": " ", "X-Correlation-ID": "x" * 999}).request_id == "x" * 200
    assert Response(status=500).request_id is None


@pytest.mark.parametrize(
    "decoys", [("", ""), ("]", "["), ("}", "{"), ("]}]}", "{[{["), ('"]', '["'), ('\\"]', '["\\'), ("\\", "\\")]
)
@pytest.mark.parametrize("holds", [list, dict])
def test_brackets_within_texts_hide_no_depth(decoys: tuple[str, str], holds: type) -> None:
    """A hundred levels are read and one more is not, whatever brackets stand in the texts between them."""

    def nested(levels: int) -> object:
        value: object = holds()
        for _ in range(levels - 1):
            several = [decoys[0], value, decoys[1]]
            value = several if holds is list else dict(zip("abc", several, strict=True))
        return value

    for written in ({}, {"separators": (",", ":")}, {"indent": 1}):
        assert Response(status=200, body=json.dumps(nested(100), **written).encode()).json() == nested(100)
        with pytest.raises(Unreadable, match="more than 100 levels"):
            Response(status=200, body=json.dumps(nested(101), **written).encode()).json()
