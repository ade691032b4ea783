"""The published OpenAPI document of the default conventions: what it says, and whether the sandbox does that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from wave_pms_sync import MappingRegistry, PmsProfile
from wave_pms_sync.testing import ManualClock, PmsSandbox

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "pms-openapi.json"

# Valid by the document's schemas, and yet to be declined: a cursor nobody gave, an Idempotency-Key that came with
# another body, an ETag of the past.
CHECKS = """
[[operations]]
include-operation-id = "listCustomers"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400"]

[[operations]]
include-operation-id = "createCustomer"
checks.positive_data_acceptance.expected-statuses = ["2xx", "422"]

[[operations]]
include-operation-id = ["changeCustomer", "deleteCustomer"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "412"]
checks.negative_data_rejection.expected-statuses = ["400", "404", "412", "415", "422"]
"""
RUN = "from schemathesis.cli import schemathesis; schemathesis()"


@pytest.fixture
def document():
    """The document as a reader finds it."""
    return json.loads(DOCUMENT.read_text(encoding="utf-8"))


@pytest.fixture
def run_schemathesis(document, tmp_path):
    """Checks a server against the document, in a process of its own, always with the same requests."""

    def run(box, *options):
        (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
        (tmp_path / "checks.toml").write_text(CHECKS, encoding="utf-8")
        command = [sys.executable, "-c", RUN, "--config-file", "checks.toml", "run", "openapi.json", "--url", box.url]
        command += ["--header", f"Authorization: Bearer {box.token}", "--generation-deterministic", "--no-color"]
        return subprocess.run(  # noqa: S603  # our own server
            [*command, *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=240,
        )

    return run


@pytest.mark.skipif(sys.version_info < (3, 11), reason="schemathesis needs Python 3.11")
@pytest.mark.parametrize(
    ("options", "phases"),
    [({"idempotency": False}, "examples,stateful"), ({"etags": False}, "coverage,fuzzing")],
    ids=["with versions", "with idempotency"],  # with both, most requests made up would be declined for them
)
def test_the_sandbox_does_what_the_document_says(run_schemathesis, options, phases):
    """Requests made up from the document get the statuses, bodies and headers that it promises, bad ones a refusal."""
    with PmsSandbox(clock=ManualClock(), **options) as box:
        for name in ("Ada", "Bo", "Cy"):
            box.add({"name": name})
        done = run_schemathesis(box, f"--phases={phases}", "--max-examples=30")
        asked = box.ledger.requests

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert asked > 100


@pytest.mark.skipif(sys.version_info < (3, 11), reason="schemathesis needs Python 3.11")
def test_a_document_that_promises_something_else_is_contradicted(run_schemathesis, document):
    """The check can fail: with another status in the document than the sandbox sends, it does."""
    answers = document["paths"]["/customers"]["post"]["responses"]
    answers["202"] = answers.pop("201")

    with PmsSandbox(clock=ManualClock()) as box:
        done = run_schemathesis(box, "--phases=examples")

    assert done.returncode == 1
    assert "[201] Created" in done.stdout


def test_the_document_tells_the_default_profile(document):
    """What the default profile sends (verbs, addresses, parameters, headers, media types) is what the document has."""
    profile = PmsProfile()
    one = profile.one_path.replace("{path}", profile.path).replace("{id}", "{customer_id}")
    calls = {
        "listCustomers": (profile.path, profile.list),
        "createCustomer": (profile.path, profile.create),
        "getCustomer": (one, profile.read),
        "changeCustomer": (one, profile.update),
        "deleteCustomer": (one, profile.delete),
    }

    for name, (path, call) in calls.items():
        told = document["paths"][path][call.method.lower()]
        assert told["operationId"] == name
        assert names_in(document, told, "query") == set(call.query)
        assert names_in(document, told, "header") == set(call.headers)
        sent = told.get("requestBody", {"content": {}})["content"]
        assert set(sent) == ({call.content_type} if name in ("createCustomer", "changeCustomer") else set())
    statuses = {int(s) for path in document["paths"].values() for call in operations(path) for s in call["responses"]}
    errors = profile.errors
    known = {*errors.missing, *errors.unauthorized, *errors.conflict, *errors.throttled}
    assert {status for status in known if status not in statuses} == set()


def operations(path):
    """The operations at an address."""
    return [call for verb, call in path.items() if verb != "parameters"]


def names_in(document, call, place):
    """The names of an operation's parameters in one place."""
    found = [
        document["components"]["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p
        for p in call.get("parameters", [])
    ]
    return {parameter["name"] for parameter in found if parameter["in"] == place}


def test_the_document_knows_the_properties_of_the_default_mapping(document):
    """Every property that the default mapping writes or reads is in the document."""
    schemas = document["components"]["schemas"]
    known = {*leaves(document, schemas["Properties"]), *leaves(document, schemas["Customer"])}

    mapped = {path for row in MappingRegistry.default().maps for path in row.pms}

    assert mapped
    assert mapped - known == set()


def leaves(document, schema, prefix=""):
    """The dotted paths of a schema's properties."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in schema.get("allOf", []):
        yield from leaves(document, part, prefix)
    for name, inner in schema.get("properties", {}).items():
        yield f"{prefix}{name}"
        yield from leaves(document, inner, f"{prefix}{name}.")


def test_the_examples_are_valid(document):
    """Every example of a body in the document keeps to the schema beside it."""
    components = {"components": document["components"]}
    bodies = [*bodies_in(document["paths"]), *bodies_in(document["components"]["responses"])]
    examples = [(body["schema"], value) for body in bodies for value in examples_of(body)]

    for schema, value in examples:
        Draft202012Validator({**components, **schema}).validate(value)

    assert len(examples) > 6


def bodies_in(thing):
    """All bodies that a part of the document describes."""
    if isinstance(thing, dict):
        yield from (thing.get("content") or {}).values()
        for inner in thing.values():
            yield from bodies_in(inner)


def examples_of(body):
    """The examples of a body."""
    yield from (example["value"] for example in body.get("examples", {}).values())
    if "example" in body:
        yield body["example"]
