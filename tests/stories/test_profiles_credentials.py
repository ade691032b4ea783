"""Whole runs with every way of showing who one is, and with a wrong one of each."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from life import Pair, lived

from wave_pms_sync import OAuth2, PmsProfile
from wave_pms_sync.errors import SyncError, Unauthorized
from wave_pms_sync.http.messages import Request
from wave_pms_sync.pms.hooks import Hooks
from wave_pms_sync.testing import PmsSandbox

KEY = "a key that both know"
LOGIN = {"login": {"url": "/login", "token": "session.token", "expires_in": ""}}
WAYS: Mapping[str, Mapping[str, object]] = {
    "bearer": {},
    "query": {"headers": {}, "query": {"api_key": "{token}"}},
    "basic": {"headers": {}, "basic": "{username}:{password}"},
    "key as the user": {"headers": {}, "basic": "{token}:"},
    "several headers": {"headers": {"X-Key": "{key}", "X-Tenant": "{tenant}"}},
    "login": LOGIN,
}


class Signed(Hooks):
    """Signs as the sandbox wants it."""

    def __init__(self, key: str) -> None:
        self.key = key.encode()

    def sign(self, request: Request) -> Request:
        """The request with an HMAC over verb, path and body."""
        said = b"\n".join((request.method.encode(), urlsplit(request.url).path.encode(), request.body or b""))
        made = hmac.new(self.key, said, hashlib.sha256).hexdigest()
        return evolve(request, headers={**request.headers, "X-Signature": made})


@pytest.fixture
def pair() -> Iterator[Callable[..., Pair]]:
    """Makes pairs of the test's choice."""
    with ExitStack() as stack:
        yield lambda *args, **options: Pair(stack, *args, **options)


def by(way: str, refusal: object = 401) -> PmsProfile:
    """A profile with these credentials, which answers wrong ones with this status."""
    errors = {"unauthorized": [refusal]} if isinstance(refusal, int) else {}
    return PmsProfile.from_dict({"auth": WAYS[way], "errors": errors})


def wrong(credentials: Mapping[str, object]) -> dict[str, object]:
    """Other secrets of the same names."""
    return {n: dict.fromkeys(held, "no") if isinstance(held, dict) else "no" for n, held in credentials.items()}


@pytest.mark.parametrize("refusal", [401, 403, 400, "empty"])
@pytest.mark.parametrize("way", WAYS)
def test_wrong_credentials_of_every_kind(pair: Callable[..., Pair], way: str, refusal: object) -> None:
    """Wrong secrets stop the run before anything is written, however the PMS answers; the doctor says so."""
    traps = {"wrong_token": "empty"} if refusal == "empty" else {}
    both = pair(by(way, refusal), traps=traps, shown=wrong)
    for name in ("Ada", "Bo"):
        both.add(name)
        both.add_to_pms(name)

    try:
        ok = both.run().ok
    except Unauthorized:
        ok = False

    found = both.pms.check(write=True)
    assert not ok
    assert both.writes == (0, 0)
    assert not found.ok


@pytest.mark.parametrize("way", WAYS)
def test_right_credentials_of_every_kind(pair: Callable[..., Pair], way: str) -> None:
    """A whole life goes well with every way of showing who one is."""
    lived(pair(by(way)))


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
def test_tokens_that_are_bought(pair: Callable[..., Pair], grant: str) -> None:
    """A whole life goes well with bought tokens, and one that ends in the middle is bought anew, once."""
    both = pair(PmsProfile(), grant=grant)

    lived(both)
    both.pms_box.token = "another"
    both.clock.advance(450)

    assert both.run(full=True).ok
    assert both.pms_box.ledger.by_operation["other"] == 2


def test_a_refresh_token_is_good_once(pair: Callable[..., Pair]) -> None:
    """Each sale rotates the refresh token, which is handed to the saver; with an old one nothing is read or written."""
    saved: list[str] = []
    both = pair(
        PmsProfile(), grant="refresh_token", auth=lambda box: box.oauth2(lambda new: saved.append(new.refresh_token))
    )
    both.add("Ada")
    old = both.pms_box.oauth2()
    both.run()
    before = both.writes

    late = pair(PmsProfile(), served_by=both.pms_box, auth=lambda box: old)
    late.add("Bo")
    with pytest.raises(Unauthorized, match="authorise anew"):
        late.run()

    assert len(saved) == 1
    assert both.writes[1] == before[1] == 1
    assert late.wave_box.ledger.writes == 0


def test_another_application_buys_nothing(pair: Callable[..., Pair]) -> None:
    """A wrong client secret stops the run before anything is asked or written."""

    def stranger(box: PmsSandbox) -> OAuth2:
        return OAuth2(client_id="x", client_secret="no", token_url=f"{box.url}/oauth2/token")

    both = pair(PmsProfile(), grant="client_credentials", auth=stranger)
    both.add("Ada")

    with pytest.raises(Unauthorized, match="client_id and client_secret"):
        both.run()

    assert both.writes == (0, 0)


def test_requests_that_are_signed(pair: Callable[..., Pair]) -> None:
    """A whole life goes well where each request must be signed, next pages and bodies included."""
    lived(pair(PmsProfile(), signing_key=KEY, hooks=Signed(KEY)))


@pytest.mark.parametrize("hooks", [None, Signed("another key")])
def test_requests_that_are_signed_wrongly(pair: Callable[..., Pair], hooks: Hooks | None) -> None:
    """Without the right signature nothing is read or written."""
    both = pair(PmsProfile(), signing_key=KEY, hooks=hooks)
    both.add("Ada")

    with pytest.raises(SyncError):
        both.run()

    assert both.writes == (0, 0)
