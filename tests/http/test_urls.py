"""What a URL may be, and how it is shown."""

from __future__ import annotations

import pytest

from wave_pms_sync.http.urls import origin, plain_url, url_faults


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("HTTPS://PMS.Example.com:443/Api/", "https://pms.example.com/Api"),
        ("http://user:secret@host:8080/a?key=secret#part", "http://host:8080/a"),
        ("http://[::1]:80/", "http://[::1]"),
        ("http://[::1/", "(no url)"),
        ("http://host:port/", "(no url)"),
        ("customers", "(no url)"),
    ],
)
def test_a_url_has_one_normal_form(url, plain):
    """Two spellings of one endpoint have one form, which shows no user, query or fragment."""
    assert plain_url(url) == plain


def test_an_origin_is_scheme_host_and_port():
    """The origin of a URL leaves out its path and the default port."""
    assert origin("https://Host:443/a/b?c") == "https://host"
    assert origin("http://127.0.0.1:8080/a") == "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    "url",
    [
        "https://host",
        "https://host/a?tenant=1",
        "http://127.0.0.1:1/a",
        "http://localhost",
        "http://[::1]:5",
        "http://a.localhost",
    ],
)
def test_urls_that_may_be_used(url):
    """HTTPS goes anywhere, plain HTTP to this machine."""
    assert url_faults(url) == []


@pytest.mark.parametrize(
    ("url", "word"),
    [
        (None, "text"),
        ("https://ho st", "spaces"),
        ("https://host/\n", "spaces"),
        ("https://host:port", "not a URL"),
        ("host/a", "whole URL"),
        ("ftp://host", "whole URL"),
        ("https://", "whole URL"),
        ("https://user:secret@host", "user or password"),
        ("https://host#a", "fragment"),
        ("http://host", "in the clear"),
        ("http://127.0.0.1.example.com", "in the clear"),
    ],
)
def test_urls_that_may_not_be_used(url, word):
    """A URL that is none, that holds secrets, or that would show the token to others, is a fault."""
    faults = url_faults(url)

    assert len(faults) == 1
    assert word in faults[0]
    assert "secret" not in faults[0]
