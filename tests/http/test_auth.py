"""A fixed token."""

from __future__ import annotations

import pickle

import pytest

from wave_pms_sync.errors import ConfigurationError
from wave_pms_sync.http.auth import Bearer


def _no_sending(request):
    raise AssertionError("nothing may be sent")


def test_a_token_stands_in_the_header(make_request):
    """A fixed token signs the request, leaves its other headers, and sends nothing."""
    request = make_request(headers={"Accept": "a"})

    signed = Bearer("s3cret").sign(request, _no_sending)

    assert dict(signed.headers) == {"Accept": "a", "Authorization": "Bearer s3cret"}
    assert dict(request.headers) == {"Accept": "a"}


def test_a_fixed_token_cannot_be_renewed(make_request):
    """A token that is not accepted stays so."""
    assert Bearer("s3cret").renew(make_request(), _no_sending) is False


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "tök", None, 7])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token):
    """Empty tokens, blanks, line ends and other alphabets are refused, and not quoted."""
    with pytest.raises(ConfigurationError) as caught:
        Bearer(token)

    assert not token or str(token) not in str(caught.value)


def test_a_token_is_never_shown():
    """A repr hides the token; a pickle keeps it."""
    bearer = Bearer("s3cret")

    assert repr(bearer) == "Bearer(***)"
    assert pickle.loads(pickle.dumps(bearer)) == bearer  # noqa: S301  # our own bytes
