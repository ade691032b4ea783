"""Digests by which values are recognised."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wave_pms_sync.model.digests import digest, digest_of_texts


@given(texts=st.lists(st.text()), salt=st.text(st.characters(codec="ascii"), max_size=64))
def test_texts_have_the_digest_of_their_list(texts: list[str], salt: str) -> None:
    """The quick way for texts alone gives the digest that stores hold of their list, whatever stands in them."""
    assert digest_of_texts(texts, salt) == digest(texts, salt)
