"""Answers that tell of a wrong setting, and of no record."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import BadAnswer, ConfigurationError, Refused, SyncError, UnknownOutcome
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.conventions.manners import Errors
from wave_pms_sync.pms.judge import Judge

HERE = "http://pms.example.com/api/customers"


def asked(operation: str = "create_customer", method: str = "POST", url: str = HERE) -> Request:
    """A request of a client."""
    record_id = "7" if operation in {"update_customer", "delete_customer", "read_customer"} else None
    writes = not operation.startswith(("read", "list", "find"))
    return Request(method=method, url=url, side="pms", operation=operation, writes=writes, record_id=record_id)


def error_of(request: Request, status: int, *, errors: Errors | None = None, **headers: str) -> SyncError:
    """What an answer without a body raises."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(SyncError) as caught:
        Judge(errors=errors or Errors()).body_of(request, Response(status=status, headers=told))
    return caught.value


SLASH, SECURE, WWW = f"{HERE}/", HERE.replace("http:", "https:"), HERE.replace("//", "//www.")


@pytest.mark.parametrize(
    ("status", "location", "carried_out"),
    [
        (301, SLASH, "no"),
        (301, "/api/customers/", "no"),
        (301, SECURE, "no"),
        (301, WWW, "no"),
        (301, "/api/customers/7", "unknown"),
        (301, HERE, "unknown"),
        (302, SECURE, "no"),
        (302, WWW, "no"),
        (302, SLASH, "unknown"),
        (302, "/login?next=/customers", "unknown"),
        (302, HERE, "unknown"),
        (303, SLASH, "unknown"),
        (303, "/api/customers/7", "unknown"),
        (307, SLASH, "no"),
        (307, "/api/v2/customers", "no"),
        (308, SECURE, "no"),
        (308, "https://elsewhere.example.org/", "no"),
        (307, "", "unknown"),
        (307, "http://[", "unknown"),
        (300, SLASH, "unknown"),
        (304, "", "unknown"),
        (399, SLASH, "unknown"),
    ],
)
def test_f84_what_a_redirect_says_of_a_write(status: int, location: str, carried_out: str) -> None:
    """A missing slash left each write in doubt; a redirect that carries nothing out is told from one that may have."""
    error = error_of(asked(), status, location=location)

    assert type(error) is (ConfigurationError if carried_out == "no" else UnknownOutcome)
    assert error.executed is (carried_out == "unknown")


@pytest.mark.parametrize(
    ("request_", "location", "told"),
    [
        (asked(), SLASH, 'path or create.path: POST /api/customers is redirected to /api/customers/ .* with a "/"'),
        (
            asked("update_customer", "PATCH", f"{HERE}/7"),
            f"{HERE}/7/",
            "one_path or update.path: PATCH /api/customers/7 is redirected to /api/customers/7/ ",
        ),
        (asked("delete_customer", "DELETE", f"{HERE}/7/"), f"{HERE}/7", r"one_path or delete.path: .* without a \"/\""),
        (asked(), SECURE, "base_url: POST /api/customers is redirected to https at the same host .* https://"),
        (asked(), WWW, "base_url: POST /api/customers is redirected to another place "),
    ],
)
def test_a_redirect_names_both_ends_and_the_setting(request_: Request, location: str, told: str) -> None:
    """Verb, path, the path that is meant and the setting to change stand in the error."""
    error = error_of(request_, 301, location=location)

    with pytest.raises(ConfigurationError, match=told):
        raise error
    assert "HTTP 301" in str(error)


@pytest.mark.parametrize("status", [301, 303])
@pytest.mark.parametrize("operation", ["create_customer", "list_customers"])
def test_a_redirect_tells_no_secret(status: int, operation: str) -> None:
    """Of where a redirect leads, neither the query nor parameters nor a foreign address are shown."""
    here = error_of(asked(operation), status, location="/login;sid=s3cret?token=s3cret#s3cret")
    there = error_of(asked(operation), status, location="https://s3cret.example.org/s3cret")

    assert "to /login" in str(here)
    assert "s3cret" not in f"{here} {there}"


def test_a_redirected_read_says_where_to() -> None:
    """A redirected read names the path that is meant."""
    error = error_of(asked("list_customers", "GET"), 301, location=SLASH)

    assert isinstance(error, BadAnswer)
    assert "a redirect to /api/customers/ " in str(error)
    assert "`path or list.path`" in str(error)


@pytest.mark.parametrize("location", ["/api/customers/ada@example.org", "/api/customers/Ada%20King"])
def test_a_redirect_tells_no_customer(location: str) -> None:
    """A path may hold an e-mail address or a name, and then it is not shown."""
    error = error_of(asked("read_customer", "GET"), 301, location=location)

    assert "a redirect to another path " in str(error)
    assert "`one_path or read.path`" in str(error)
    assert "ada" not in str(error).lower()


@pytest.mark.parametrize(
    ("request_", "status", "headers", "told"),
    [
        (
            asked("update_customer", "PATCH"),
            405,
            {"allow": "GET, PUT"},
            r"update.method: .* no PATCH at .*: GET, PUT\)",
        ),
        (asked("list_customers", "SEARCH"), 405, {}, "list.method: .* another verb"),
        (asked("update_customer", "PATCH"), 405, {"allow": "<b>ada@example.com</b>"}, "another verb"),
        (asked("update_customer", "PATCH"), 415, {"accept-patch": "application/json"}, "update.content_type: .*n/json"),
        (asked(), 415, {}, "create.content_type"),
        (asked(), 406, {}, "requests.accept"),
        (asked("update_customer", "PATCH"), 428, {}, "record.version_demanded: .* with each write"),
    ],
)
def test_a_setting_that_no_write_can_succeed_with(
    request_: Request, status: int, headers: dict[str, str], told: str
) -> None:
    """A verb or media type that the API does not know blamed every record; a missing version read as an edit."""
    error = error_of(request_, status, **headers)

    with pytest.raises(ConfigurationError, match=told):
        raise error
    assert not error.executed


def test_a_record_that_may_not_be_deleted_is_no_wrong_setting() -> None:
    """405 to a deletion may speak of the record, which has invoices perhaps."""
    assert isinstance(error_of(asked("delete_customer", "DELETE"), 405), Refused)


@pytest.mark.parametrize(("status", "errors"), [(405, Errors(refused=(405,))), (415, Errors(refused=(415,)))])
def test_a_profile_may_say_otherwise(status: int, errors: Errors) -> None:
    """What the profile calls a refusal is one."""
    assert isinstance(error_of(asked(), status, errors=errors), Refused)


def test_a_refusal_without_a_field_names_the_settings() -> None:
    """A refusal whose fields are not found says where a profile says where they are."""
    assert "`errors.fields` and `errors.message`" in str(error_of(asked(), 422))
    assert "errors.fields" not in str(error_of(asked("list_customers", "GET"), 422))
