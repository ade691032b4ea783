"""Who may ask the PMS sandbox: the credentials of a profile, a login or a grant that gives a token, a signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.pms_answers import json_reply
from wave_pms_sync.testing.pms_forms import body_of
from wave_pms_sync.testing.pms_grants import GrantKind, Grants
from wave_pms_sync.testing.pms_problems import Problem
from wave_pms_sync.testing.pms_requests import PREFIX
from wave_pms_sync.testing.pms_templates import placed
from wave_pms_sync.testing.server import Call, Reply

__all__ = ["Gate"]

_NAMES = re.compile(r"\{([a-z_]+)\}")


class Gate:
    """Lets in whoever shows what the profile asks for.

    Args:
        profile: The conventions.
        token: The token. With a login, what a login gives.
        seed: Other secrets follow from it.
        grant: How tokens are bought at a token endpoint, if they are; then `token` is worth nothing.
        signing_key: Requests must be signed with it; empty: they need not be.

    Raises:
        ValueError: The login is at an address of its own, where no sandbox is.
    """

    def __init__(
        self, profile: PmsProfile, token: str, seed: int, *, grant: GrantKind = "", signing_key: str = ""
    ) -> None:
        auth = profile.auth
        if "://" in auth.login.url:
            raise ValueError("the profile logs in elsewhere; the sandbox plays a login below its base URL")
        self.token = token
        self.grants = Grants(grant, seed)
        self._signing_key = signing_key.encode()
        self._auth = auth
        names = _names(auth.headers, auth.query, {"": auth.basic})
        if auth.login.url:
            names = (names - {"token"}) | _names(auth.login.body, auth.login.headers)
        self._secrets = {name: f"pms-sandbox-{name}-{seed}" for name in sorted(names - {"token"})}
        self._fixed = "token" in names

    @property
    def credentials(self) -> Mapping[str, object]:
        """What a client is given: `token` and `secrets`, as far as the profile asks for them."""
        token = {"token": self.token} if self._fixed else {}
        return {**token, "secrets": dict(self._secrets)} if self._secrets else token

    def login(self, call: Call) -> Reply | None:
        """The answer to a login, or to a request for a token; None if the request is none."""
        sold = self.grants.answer(call)
        if sold is not None:
            self.token = self.grants.token if sold.status == 200 else self.token
            return sold
        login = self._auth.login
        address = urlsplit(login.url)
        if not login.url or (call.method, call.path) != (login.method, PREFIX + address.path):
            return None
        try:
            body = body_of(call)
        except Problem:
            body = {}
        told = all(call.headers.get(name.lower()) == text for name, text in self._filled(login.headers).items())
        if not told or body != self._filled(login.body):
            return json_reply(401, {"error": "These are not the secrets."})
        answer = placed({}, login.token, self.token)
        return json_reply(200, placed(answer, login.expires_in, 3600) if login.expires_in else answer)

    def admits(self, call: Call) -> bool:
        """Whether a request shows what it must."""
        auth = self._auth
        wanted = {name.lower(): text for name, text in self._filled(auth.headers).items()}
        if auth.basic:
            pair = base64.b64encode(self._filled({"": auth.basic})[""].encode()).decode()
            wanted["authorization"] = f"Basic {pair}"
        if self._signing_key:
            said = b"\n".join((call.method.encode(), (call.raw_path or call.path).encode(), call.body))
            wanted["x-signature"] = hmac.new(self._signing_key, said, hashlib.sha256).hexdigest()
        return all(call.headers.get(name) == text for name, text in wanted.items()) and all(
            call.query.get(name) == text for name, text in self._filled(auth.query).items()
        )

    def _filled(self, template: Mapping[str, object]) -> dict[str, str]:
        facts = {**self._secrets, "token": self.token}
        return {name: _NAMES.sub(lambda found: facts[found[1]], str(text)) for name, text in template.items()}


def _names(*templates: Mapping[str, object]) -> set[str]:
    return {name for template in templates for text in template.values() for name in _NAMES.findall(str(text))}
