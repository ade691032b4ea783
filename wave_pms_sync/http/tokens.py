"""OAuth 2 tokens, and where they are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.auth import token_faults
from wave_pms_sync.http.process import PerProcess


@frozen(kw_only=True)
class Tokens:
    """What a token server gave. All of it is secret; a repr shows only the end of its life.

    Attributes:
        access_token: Sent with each request; empty if there is none yet.
        refresh_token: Buys the next access token, often once only; empty if the grant has none.
        expires_at: When the access token ends; aware, or None if the server did not say.

    Raises:
        ConfigurationError: One of them cannot be right; all faults are named.
    """

    access_token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        faults = token_faults(self.access_token, "access_token") if self.access_token else []
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            faults.append("expires_at: must be aware (a time with its zone)")
        if faults:
            raise ConfigurationError("Tokens", faults)


class TokenStore(Protocol):
    """Keeps the tokens of one grant, for all who share it: threads, processes or machines.

    Whatever a method raises, a client raises as `Unauthorized`, which names the kind of error and not its text.
    """

    def load(self) -> Tokens | None:
        """The tokens saved last; None if none ever were. It is called inside the lock."""
        ...

    def save(self, tokens: Tokens) -> None:
        """Keep these tokens in place of the last ones: when it returns they survive, when it raises the last ones do.

        It is called inside the lock, before the tokens are first used, and again with the same ones if it raised.
        """
        ...

    def lock(self) -> AbstractContextManager[object]:
        """Keep all others who share the grant out of the block; one request to the token server is made inside.

        It need not be reentrant. It must end with the process that holds it, or after a while of its own.
        """
        ...


class MemoryTokenStore:
    """Keeps tokens in this object; threads that share it renew once between them.

    A forked child or a pickle has its own from then on. Where the server rotates refresh tokens, use a
    `FileTokenStore` between processes.

    Args:
        tokens: The first ones, or None.
        on_save: Called with new tokens before they are kept; if it raises, they are not.
    """

    def __init__(self, tokens: Tokens | None = None, *, on_save: Callable[[Tokens], object] | None = None) -> None:
        self._tokens = tokens
        self._on_save = on_save
        self._lock = PerProcess(threading.Lock)

    def load(self) -> Tokens | None:
        """The tokens saved last, or the first ones."""
        return self._tokens

    def save(self, tokens: Tokens) -> None:
        """Tell of the tokens, then keep them."""
        if self._on_save is not None:
            self._on_save(tokens)
        self._tokens = tokens

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other threads out. It is not reentrant."""
        with self._lock():
            yield

    def __repr__(self) -> str:
        return "MemoryTokenStore(***)"
