"""The PMS sandbox plays the default conventions."""

from __future__ import annotations


def test_lists_in_order_of_creation_behind_a_cursor(pms):
    """A listing shows every customer once, in order of creation, page by page, and then says that it ends."""
    ids = [pms.box.add({"name": f"C{n}"}) for n in range(5)]

    seen, query = [], {"limit": 2}
    while True:
        page = pms.page(**query)
        seen += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]

    assert seen == ids


def test_cursor_survives_edits_and_deletions(pms):
    """A cursor stays where it is when customers before it are edited or deleted."""
    ids = [pms.box.add({"name": f"C{n}"}) for n in range(4)]
    cursor = pms.page(limit=2)["next_cursor"]

    pms.box.remove(ids[0])
    pms.box.edit(ids[1], {"name": "Edited"})

    assert [row["id"] for row in pms.page(limit=2, cursor=cursor)["items"]] == ids[2:]


def test_page_size_is_limited(open_side):
    """Without a limit a page has the default size, and a larger limit than the maximum is cut silently."""
    pms = open_side("pms", default_limit=2, max_limit=3)
    for n in range(5):
        pms.box.add({"name": f"C{n}"})

    assert [len(pms.page()["items"]), len(pms.page(limit=100)["items"])] == [2, 3]


def test_updated_since_includes_the_moment(pms):
    """updated_since shows what was modified at or after a moment, whatever its offset."""
    pms.box.add({"name": "Old"})
    pms.box.clock.advance(60)
    moment = pms.box.clock.now()
    pms.box.add({"name": "New"})

    assert pms.names(updated_since=moment.isoformat().replace("+00:00", "Z")) == ["New"]
    assert pms.names(updated_since="2026-03-01T14:01:00+02:00") == ["New"]
    assert pms.names(updated_since="2026-03-01T14:01:00.000001+02:00") == []


def test_queries_that_cannot_be_read_are_declined(pms):
    """A limit, cursor or time that cannot be read is a 400 that names the parameter; unknown parameters are ignored."""
    bad = [{"limit": "many"}, {"limit": "0"}, {"cursor": "zzz"}, {"updated_since": "now"}]
    naive = {"updated_since": "2026-03-01T14:00:00"}

    answers = [pms.send("GET", params=query) for query in [*bad, naive]]

    assert [answer.status_code for answer in answers] == [400] * 5
    assert answers[0].json()["errors"][0]["field"] == "limit"
    assert pms.send("GET", params={"colour": "red"}).status_code == 200


def test_rows_have_every_property(pms):
    """A row shows every property of the conventions, null where it has no value, and those it was given besides."""
    ada = pms.box.add({"name": "Ada", "address": {"city": "Bern"}, "shoe_size": 41})

    row = pms.read(ada)

    assert row["address"] == {
        "line1": None,
        "line2": None,
        "city": "Bern",
        "region_code": None,
        "postal_code": None,
        "country_code": None,
    }
    assert (row["email"], row["contact"], row["shoe_size"]) == (None, {"first_name": None, "last_name": None}, 41)
    assert (row["created_at"], row["archived"]) == ("2026-03-01T12:00:00.000000Z", False)


def test_stamps_have_the_digits_asked_for(open_side):
    """Stamps are cut to the digits chosen, in what is shown and in what is compared."""
    for digits, shown in ((0, "2026-03-01T12:00:00Z"), (3, "2026-03-01T12:00:00.123Z")):
        pms = open_side("pms", stamp_digits=digits)
        pms.box.clock.advance(0.123456)
        assert pms.read(pms.box.add({"name": "Ada"}))["created_at"] == shown


def test_create_answers_the_record_and_where_it_is(pms):
    """POST answers 201 with the record, its ETag and its Location."""
    answer = pms.send_create("Ada", phone="1")

    record = answer.json()
    assert (answer.status_code, record["name"], record["phone"]) == (201, "Ada", "1")
    assert answer.headers["Location"].endswith(f"/customers/{record['id']}")
    assert answer.headers["ETag"] == pms.send("GET", f"/{record['id']}").headers["ETag"]
    assert pms.box.customers[record["id"]] == record


def test_create_ignores_what_the_server_sets(pms):
    """Id and stamps in a body are ignored."""
    record = pms.send_create("Ada", id="mine", created_at="1999-01-01T00:00:00Z").json()

    assert record["id"] != "mine"
    assert record["created_at"].startswith("2026")


def test_idempotency_key_makes_a_create_repeatable(pms):
    """The same key and body give the same answer and one record; the same key with another body is a 422."""
    headers = {"Idempotency-Key": "k1"}

    first, again = (pms.send("POST", json={"name": "Ada"}, headers=headers) for _ in range(2))
    other = pms.send("POST", json={"name": "Bo"}, headers=headers)

    assert first.json() == again.json()
    assert (other.status_code, len(pms.box.customers), pms.box.ledger.creates) == (422, 1, 1)


def test_idempotency_can_be_missing(open_side):
    """A PMS without idempotency makes two records."""
    pms = open_side("pms", idempotency=False)

    for _ in range(2):
        pms.send("POST", json={"name": "Ada"}, headers={"Idempotency-Key": "k1"})

    assert pms.box.ledger.creates == 2


def test_patch_is_a_merge_patch(pms):
    """PATCH changes what it names, clears what is null, merges objects, and leaves the rest."""
    ada = pms.box.add({"name": "Ada", "phone": "1", "fax": "2", "address": {"city": "Bern", "line1": "A"}})

    record = pms.send_update(ada, phone=None, address={"city": "Basel"}).json()

    assert (record["phone"], record["fax"], record["address"]["city"], record["address"]["line1"]) == (
        None,
        "2",
        "Basel",
        "A",
    )


def test_patch_moves_the_stamp(pms):
    """An update moves updated_at and leaves created_at."""
    ada = pms.box.add({"name": "Ada"})
    pms.box.clock.advance(5)

    record = pms.send_update(ada, phone="1").json()

    assert record["created_at"] == "2026-03-01T12:00:00.000000Z"
    assert record["updated_at"] == "2026-03-01T12:00:05.000000Z"


def test_if_match_guards_a_write(pms):
    """If-Match with an old ETag is a 412 and writes nothing; with the present one it is carried out."""
    ada = pms.box.add({"name": "Ada"})
    etag = pms.send("GET", f"/{ada}").headers["ETag"]
    pms.box.edit(ada, {"phone": "1"})

    stale = pms.send("PATCH", f"/{ada}", json={"fax": "2"}, headers={"If-Match": etag})
    etag = pms.send("GET", f"/{ada}").headers["ETag"]
    fresh = pms.send("PATCH", f"/{ada}", json={"fax": "2"}, headers={"If-Match": etag})

    assert (stale.status_code, fresh.status_code) == (412, 200)
    assert pms.send("DELETE", f"/{ada}", headers={"If-Match": etag}).status_code == 412


def test_if_match_can_be_demanded_or_missing(open_side):
    """A PMS may demand If-Match (428), or know no ETags at all."""
    strict, loose = open_side("pms", require_if_match=True), open_side("pms", etags=False)
    ids = [talk.box.add({"name": "Ada"}) for talk in (strict, loose)]

    assert strict.send_update(ids[0], phone="1").status_code == 428
    answer = loose.send("PATCH", f"/{ids[1]}", json={"phone": "1"}, headers={"If-Match": '"x"'})
    assert (answer.status_code, "ETag" in answer.headers) == (200, False)


def test_delete_then_gone(pms):
    """DELETE answers 204, and from then on everything about the record is a 404."""
    ada = pms.box.add({"name": "Ada"})

    assert pms.send_delete(ada).status_code == 204

    answers = [pms.send_delete(ada), pms.send("GET", f"/{ada}"), pms.send_update(ada, phone="1")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert (pms.names(), dict(pms.box.customers)) == ([], {})


def test_soft_delete_stays_readable(open_side):
    """With soft deletion the record can be read by id, is marked, and is not listed."""
    pms = open_side("pms", soft_delete=True)
    ada = pms.box.add({"name": "Ada"})

    pms.send_delete(ada)

    assert pms.read(ada)["deleted"] is True
    assert pms.names() == []


def test_tombstones_are_fed(open_side):
    """With tombstones a listing of changes also shows deletions; a full listing does not."""
    pms = open_side("pms", tombstones=True)
    ada = pms.box.add({"name": "Ada"})
    pms.box.clock.advance(10)
    pms.box.remove(ada)

    assert pms.page(updated_since="2026-03-01T12:00:05Z")["items"] == [
        {"id": ada, "deleted": True, "updated_at": "2026-03-01T12:00:10.000000Z"}
    ]
    assert pms.page()["items"] == []


def test_totals_are_told_when_wanted(open_side):
    """The total is stated only by a PMS that states totals."""
    telling, silent = open_side("pms", show_total=True), open_side("pms")
    for talk in (telling, silent):
        talk.box.add({"name": "Ada"})

    assert (telling.page()["total"], "total" in silent.page()) == (1, False)


def test_archive_is_a_flag(pms):
    """A patch of `archived` archives and restores; archived customers are listed with their flag."""
    ada = pms.box.add({"name": "Ada"})

    assert pms.send_update(ada, archived=True).json()["archived"] is True
    assert pms.page()["items"][0]["archived"] is True
    assert pms.send_update(ada, archived=False, phone="1").json()["archived"] is False
    assert pms.send_create("Bo", archived=True).json()["archived"] is True
    assert pms.box.ledger.by_operation == {"archive": 1, "list": 1, "update": 1, "create": 1}


def test_problems_name_fields(pms):
    """What is not valid is a 422 with problem details that name each field."""
    answer = pms.send_create(" ", phone=5, address="Bern", outstanding_amount="much")

    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert {"type", "title", "status", "detail", "errors"} <= set(problem)
    assert {(error["field"], error["code"]) for error in problem["errors"]} == {
        ("name", "required"),
        ("phone", "invalid_type"),
        ("address", "invalid_type"),
        ("outstanding_amount", "invalid_type"),
    }


def test_name_need_not_be_required(open_side):
    """A PMS may accept customers without a name."""
    assert open_side("pms", require_name=False).send("POST", json={"email": "a@x"}).status_code == 201


def test_email_can_be_unique(open_side):
    """With unique e-mails a second customer with the same one is a 409 that names the first."""
    pms = open_side("pms", unique_email=True)
    ada = pms.box.add({"name": "Ada", "email": "ada@x.org"})
    bo = pms.box.add({"name": "Bo"})

    answer = pms.send_create("Cy", email="ADA@x.org")

    assert (answer.status_code, answer.json()["conflicting_id"]) == (409, ada)
    assert pms.send_update(bo, email="ada@x.org").status_code == 409
    assert pms.send_update(ada, email="ada@x.org").status_code == 200


def test_bodies_that_are_no_objects_are_declined(pms):
    """A body that is not JSON, or no object, is a 400."""
    answers = [pms.send("POST", data=data) for data in (b"{", b"[]", b"")]

    assert [answer.status_code for answer in answers] == [400] * 3


def test_wrong_token(pms):
    """A wrong or missing token is a 401 with WWW-Authenticate, and nothing is executed."""
    pms.session.headers["Authorization"] = "Bearer x"

    answer = pms.send_create()

    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (401, True)
    assert (pms.box.ledger.requests, pms.box.ledger.writes) == (1, 0)


def test_addresses_and_verbs_that_do_not_exist(pms):
    """An unknown address is a 404 and an unknown verb a 405 that names the known ones, both as problem details."""
    elsewhere = pms.session.get(f"{pms.box.url}/invoices")

    assert (elsewhere.status_code, elsewhere.json()["status"]) == (404, 404)
    declined = pms.send("PUT", "/c1")
    assert (declined.status_code, declined.headers["Allow"]) == (405, "GET, DELETE, PATCH")
