"""Whether the secrets given are those that a profile asks for; none is ever quoted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wave_pms_sync.pms.conventions.manners import Credentials
from wave_pms_sync.pms.templates import placeholders


def needed(credentials: Credentials) -> frozenset[str]:
    """The names of the secrets that a profile asks for."""
    places = placeholders((credentials.headers, credentials.query, credentials.basic))
    login = credentials.login
    return (places - {"token"}) | placeholders((login.body, login.headers)) if login.url else places


def secret_faults(credentials: Credentials, secrets: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the secrets given, without quoting one."""
    wanted = needed(credentials)
    for name in sorted(wanted - secrets.keys(), key=str):
        yield f"{'token' if name == 'token' else f'secrets.{name}'}: the profile asks for it"
    in_headers = placeholders((credentials.headers, credentials.login.headers))
    for name, secret in secrets.items():
        if name not in wanted:
            where = "token" if name == "token" else f"secrets.{name}"
            yield f"{where}: the profile sends it nowhere (allowed: {', '.join(sorted(wanted)) or 'none'})"
        elif not isinstance(secret, str) or not secret:
            yield f"secrets.{name}: must be text that is not empty"
        elif name in in_headers and not (secret.isascii() and secret.isprintable()):
            yield f"secrets.{name}: cannot stand in a header (allowed: printable ASCII)"
