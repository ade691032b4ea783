"""How an answer of another shape is described."""

from __future__ import annotations

import pytest

from wave_pms_sync.errors import BadAnswer
from wave_pms_sync.http.messages import Request, Response
from wave_pms_sync.pms.answers import Answers
from wave_pms_sync.pms.outline import outline
from wave_pms_sync.pms.profile import PmsProfile
from wave_pms_sync.testing.server import json_body


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"data": [], "meta": {"total": 3}}, "`data` (a list), `meta`"),
        ({"@odata.context": "x", "value": []}, "`@odata.context`, `value` (a list)"),
        ({f"p{n}": n for n in range(11)}, "`p0`, `p1`, `p2`, `p3`, `p4`, `p5`, `p6`, `p7`, 3 more"),
        ({"ada@example.com": 1, "Ada Lovelace": 2, "7": 3}, "3 more"),
        ({"ada": {"id": 1}, "bob": {"id": 2}}, "an object of 2 objects"),
        ({"result": {"items": []}, "status": {"code": 0}}, "`result`, `status`"),
        ([{"id": 7}, {"id": 8}], "a list of 2"),
        ({}, "an empty object"),
        (None, "null"),
        ("Ada", "a single value"),
        (7, "a single value"),
    ],
)
def test_names_and_never_values(value: object, words: str) -> None:
    """Properties are named, at most eight; what may be a person's name or address is only counted."""
    assert outline(value) == words


@pytest.mark.parametrize(
    ("settings", "body", "told"),
    [
        ({}, {"data": [], "meta": {}}, ["`data` (a list), `meta`", "in `items`", "`list.rows` in the profile"]),
        ({}, [], ["a list of 0", "`list.rows` in the profile"]),
        ({"list": {"rows": ""}}, [{"ID": 7}], ["`ID`", "with an id in `id`", "`record.id` in the profile"]),
        ({"list": {"rows": ""}, "record": {"fields": "attributes"}}, [{"id": 7}], ["`record.fields` in the profile"]),
        ({"paging": {"more": "has_more"}}, {"items": []}, ["`items` (a list)", "`paging.more` in the profile"]),
        ({}, {"items": [], "next_cursor": {}}, ["`paging.next` in the profile"]),
    ],
)
def test_a_list_answer_of_another_shape(settings: dict[str, object], body: object, told: list[str]) -> None:
    """An answer of another shape names the properties that it has, and the setting that says where things are."""
    profile = PmsProfile.from_dict(settings)
    request = Request(method="GET", url="https://x.org", side="pms", operation="list_customers", writes=False)

    with pytest.raises(BadAnswer) as caught:
        Answers("https://x.org", profile).page_in(request, Response(status=200, body=json_body(body)))

    assert [words for words in told if words not in str(caught.value)] == []
