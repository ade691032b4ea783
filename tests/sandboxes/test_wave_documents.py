"""Documents, tokens, ids and businesses in the Wave sandbox."""

from __future__ import annotations

import base64
import re

from wave_pms_sync.testing import WaveSandbox


def test_documents_are_validated_before_the_token_is_looked_at(wave):
    """A wrong document fails validation even without a token, a right one is UNAUTHENTICATED then."""
    wave.session.headers["Authorization"] = "Bearer wrong"

    wrong = wave.ask("{ business { colour } }").json()
    right = wave.ask("{ business { id } }")

    assert [error["extensions"]["code"] for error in wrong["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]
    assert "path" not in wrong["errors"][0]
    assert right.status_code == 200
    assert right.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert right.json()["data"] == {"business": None}


def test_errors_have_waves_shape(wave):
    """An error has message, locations, path, and extensions with id and code."""
    answer = wave.ask("query ($id: ID!) { business(id: $id) { id } }", id="QQ==").json()

    (error,) = answer["errors"]
    assert answer["data"] == {"business": None}
    assert set(error) == {"message", "locations", "path", "extensions"}
    assert (error["path"], set(error["extensions"])) == (["business"], {"id", "code"})
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert "QQ==" in error["message"]


def test_variables_are_coerced_before_anything_is_executed(wave):
    """Unknown input fields and unknown enum members are refused with the code of a variable error, without data."""
    patch = "mutation ($in: CustomerPatchInput!) { customerPatch(input: $in) { didSucceed } }"
    bodies = [{"id": "x", "businessId": "y"}, {"id": "x", "address": {"countryCode": "XX"}}]

    answers = [wave.ask(patch, **{"in": body}).json() for body in bodies]

    assert ["data" in answer for answer in answers] == [False, False]
    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"BAD_USER_INPUT"}


def test_statuses_can_be_those_that_some_clients_saw(open_side):
    """A wrong token may be a 401, and an invalid document a 400."""
    wave = open_side("wave", unauthorized_status=401, invalid_status=400)

    assert wave.ask("{ nothing }").status_code == 400
    wave.box.token = "another"
    assert wave.ask("{ business { id } }").status_code == 401


def test_requests_that_are_no_graphql(wave):
    """Only a POST of a JSON object with a query is answered; syntax errors are told as such."""
    url = wave.box.url
    answers = [
        wave.session.get(url),
        wave.session.post(url, data=b"{"),
        wave.session.post(url, json=[{"query": "{ business { id } }"}]),
        wave.session.post(url.replace("graphql", "soap"), json={}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 404]
    assert wave.ask("{").json()["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


def test_introspection_needs_no_token(wave):
    """The schema can be asked for without a token."""
    wave.session.headers.clear()

    assert wave.ask('{ __type(name: "Customer") { name } }').json() == {"data": {"__type": {"name": "Customer"}}}


def test_ids_embed_the_business(wave):
    """An id is the base64 of `Business:UUID;Customer:INTEGER`."""
    customer = base64.b64decode(wave.box.add({"name": "Ada"})).decode()
    business = base64.b64decode(wave.box.business_id).decode()

    assert re.fullmatch(r"Business:[0-9a-f-]{36};Customer:\d+", customer)
    assert customer.startswith(f"{business};")


def test_ids_follow_from_the_seed():
    """The same seed gives the same ids, another seed others."""
    ids = [WaveSandbox(seed=seed).add({"name": "Ada"}) for seed in (1, 1, 2)]

    assert ids[0] == ids[1] != ids[2]


def test_a_token_may_see_several_businesses(open_side):
    """Businesses are listed, and each has its own customers."""
    wave = open_side("wave", more_businesses=["Personal"])
    main, other = wave.box.business_ids
    ada = wave.box.add({"name": "Ada"}, business_id=other)

    names = wave.ask("{ businesses { pageInfo { totalCount } edges { node { id name } } } }").json()["data"]
    assert [edge["node"]["name"] for edge in names["businesses"]["edges"]] == ["Sandbox Ltd", "Personal"]
    assert wave.names() == []
    read = "query ($b: ID!, $id: ID!) { business(id: $b) { customer(id: $id) { name business { id } } } }"
    assert wave.ask(read, b=main, id=ada).json()["data"]["business"]["customer"] is None
    assert wave.ask(read, b=other, id=ada).json()["data"]["business"]["customer"]["business"] == {"id": other}


def test_business_without_id_is_the_main_one(wave):
    """`business` without an id is the token's own."""
    assert wave.ask("{ business { id } }").json()["data"]["business"]["id"] == wave.box.business_id


def test_places_and_currencies(wave):
    """Countries, provinces and currencies answer as far as a client may need them."""
    answer = wave.ask(
        '{ country(code: CA) { name currency { code exponent } provinces { code } } province(code: "US-NY") { name }'
        " currencies { code } countries { code } currency(code: JPY) { exponent symbol } user { id }"
        " oAuthApplication { id } unknown: country(code: AF) { nameWithArticle currency { code } } }"
    ).json()["data"]

    assert (answer["country"]["name"], answer["country"]["currency"]) == ("Canada", {"code": "CAD", "exponent": 2})
    assert {"code": "CA-ON"} in answer["country"]["provinces"]
    assert (answer["province"]["name"], answer["currency"]["exponent"]) == ("New York", 0)
    assert answer["unknown"] == {"nameWithArticle": "Afghanistan", "currency": None}
    assert answer["oAuthApplication"] is None
    assert (len(answer["countries"]), len(answer["currencies"])) == (249, 161)


def test_fragments_and_named_operations(wave):
    """What a document asks for is found behind fragments, and by its operation name."""
    ada = wave.box.add({"name": "Ada"})
    document = """
    query Nothing { user { id } }
    query One($b: ID!, $id: ID!) { business(id: $b) { ... on Business { customer(id: $id) { ...Names } } } }
    query All($b: ID!, $n: Int = 2) { ...Everything }
    fragment Everything on Query { business(id: $b) { customers(page: $n) { edges { node { ...Names } } } } }
    fragment Names on Customer { name }"""

    for name, variables in (("Nothing", {}), ("One", {"id": ada}), ("All", {})):
        body = {"query": document, "operationName": name, "variables": {"b": wave.box.business_id, **variables}}
        assert "errors" not in wave.session.post(wave.box.url, json=body).json()

    assert [(e.operation, e.ids) for e in wave.box.ledger.entries] == [("other", ()), ("one", (ada,)), ("list", ())]


def test_an_operation_must_be_chosen(wave):
    """Of several operations none runs unless one is named."""
    answer = wave.ask("query A { user { id } } query B { user { id } }").json()

    assert "data" not in answer
    assert wave.box.ledger.entries[0].operation == "invalid"


def test_variables_must_be_an_object(wave):
    """Variables that are no object are a bad request."""
    body = {"query": "{ user { id } }", "variables": ["x"]}

    assert wave.session.post(wave.box.url, json=body).status_code == 400
