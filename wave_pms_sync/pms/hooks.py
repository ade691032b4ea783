"""What no profile can say, a user says in code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wave_pms_sync.http.messages import Request, Response


class Hooks(Protocol):
    """Changes requests and answers on their way. Inherit from it and override what you need.

    The methods are called in several threads at once, and once more for each repetition. To be picklable, a client
    needs hooks that are. What they raise must be a leaf of `wave_pms_sync.errors`.
    """

    def build(self, request: Request) -> Request:
        """The request as it shall be sent, before it is signed; `attrs.evolve` makes another one of it."""
        return request

    def sign(self, request: Request) -> Request:
        """The request with a signature, as the last thing before it is sent; nothing changes it afterwards."""
        return request

    def read(self, request: Request, response: Response) -> Response:
        """The answer as the profile shall read it.

        Args:
            request: What was asked, unsigned.
            response: What came, of any status.
        """
        return response
