"""Credentials: what signs a request just before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from attrs import evolve, frozen

from wave_pms_sync.errors import ConfigurationError

if TYPE_CHECKING:
    from wave_pms_sync.http.messages import Request, Response

Send: TypeAlias = "Callable[[Request], Response]"


class Auth(Protocol):
    """Signs requests. One object may serve several clients and threads."""

    def sign(self, request: Request, send: Send) -> Request:
        """The request with credentials.

        Args:
            request: Without credentials. It is left as it is.
            send: Sends a request of its own once, to get credentials where there are none yet.
        """
        ...

    def renew(self, refused: Request, send: Send) -> bool:
        """Renew the credentials after the side did not accept them.

        Args:
            refused: The signed request that was not accepted.
            send: Sends a request of its own once.

        Returns:
            Whether the next signature will be another one, so that trying once more makes sense.

        Raises:
            Unauthorized: They cannot be renewed any more.
        """
        ...


def token_faults(token: object, name: str = "token") -> list[str]:
    """What is wrong with a token, without quoting it; empty if nothing."""
    if not isinstance(token, str) or not token:
        return [f"{name}: must be text that is not empty"]
    if not token.isascii() or not token.isprintable() or " " in token:
        return [f"{name}: must be printable ASCII without spaces or line ends"]
    return []


@frozen(repr=False)
class Bearer:
    """A fixed token, sent as `Authorization: Bearer TOKEN`.

    Raises:
        ConfigurationError: The token is empty or cannot stand in a header.
    """

    token: str

    def __attrs_post_init__(self) -> None:
        if faults := token_faults(self.token):
            raise ConfigurationError("Bearer", faults)

    def sign(self, request: Request, send: Send) -> Request:
        """The request with the token; nothing is sent."""
        return with_bearer(request, self.token)

    def renew(self, refused: Request, send: Send) -> bool:
        """A fixed token cannot be renewed."""
        return False

    def __repr__(self) -> str:
        return "Bearer(***)"


def with_bearer(request: Request, token: str) -> Request:
    """The request with this token in its `Authorization` header."""
    return evolve(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
