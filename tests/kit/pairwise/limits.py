"""What cannot go together, and why."""

from __future__ import annotations

from collections.abc import Collection

from pairwise.axes import AXES
from pairwise.covering import Value


def _but(axis: str, *values: str) -> Collection[str]:
    """Every value of an axis but these."""
    return AXES[axis].keys() - {*values}


_BY_URL = ("url", "url among links", "url in Link", "url in a header")
_NUMBERED = ("page from 1", "page from 0", "offset")

CANNOT: tuple[tuple[str, Collection[str], str, Collection[str], str], ...] = (
    ("times", ["a sequence"], "forms of stamps", ["update apart"], "a sequence is a number"),
    # --- where things lie
    ("rows", ["bare"], "end", ["number of pages", "a word"], "a list has no place for it"),
    ("rows", ["bare"], "pages", ["cursor", "url", "url among links"], "a list has no place for it"),
    ("rows", ["bare"], "total", ["named", "inside"], "a list has no place for it"),
    ("rows", ["bare"], "errors", ["success flag"], "a list has no place for it"),
    ("errors", ["success flag"], "record read", _but("record read", "named"), "the flag would be a property"),
    ("errors", ["success flag"], "record written", _but("record written", "named"), "the flag would be a property"),
    ("errors", ["success flag"], "a create answers", ["null"], "null has no place for it"),
    ("errors", ["success flag"], "an update answers", ["null"], "null has no place for it"),
    ("around a create", ["nothing"], "repeat key", ["body"], "it would be a property"),
    ("around an update", ["nothing"], "version sent in", ["body"], "it would be a property"),
    # --- pages
    ("pages", _but("pages", *_NUMBERED), "end", _but("end", "empty page", "a word"), "nothing is counted"),
    ("end", ["total"], "total", ["untold"], "there is none"),
    ("pages", _but("pages", *_BY_URL), "links", _but("links", "whole"), "there is no link"),
    ("pages", _but("pages", *_BY_URL), "links from", ["the base", "the origin"], "there is no link"),
    ("links", ["a query"], "links from", ["the base", "the origin"], "it would be the query of that"),
    ("end", _but("end", "empty page", "a word"), "links", _but("links", "whole"), "pages are numbered"),
    ("end", _but("end", "empty page", "a word"), "links from", ["the base", "the origin"], "pages are numbered"),
    ("end", _but("end", "empty page", "a word"), "links escaped", ["no"], "pages are numbered"),
    ("pages", ["all", *_NUMBERED, "cursor behind the last row"], "links escaped", ["no"], "there is no link"),
    ("pages", ["url in Link"], "links escaped", ["no"], "the header would end in the middle"),
    ("pages", ["cursor behind the last row"], "rows", ["by id"], "there is no last one"),
    ("pages", ["cursor behind the last row"], "deletions are told by", ["their own list"], "rows of another shape"),
    ("asked by", ["GET, headers"], "since", ["a whole filter"], "a header holds no table"),
    # --- changes
    ("since", _but("since", "none"), "stamps", ["no update", "none"], "nothing says when"),
    ("since", _but("since", "none"), "stamps", ["null at first"], "the filter misses rows: a trap, and a story"),
    ("since", ["none"], "deletions are told by", ["changes", "their own list"], "changes are not asked for"),
    (
        "stamps",
        ["no update", "none", "null at first"],
        "deletions are told by",
        ["changes", "their own list"],
        "nothing says when",
    ),
    ("beside customers", ["others"], "demanded property", ["none"], "nothing would tell a customer from others"),
    ("beside customers", ["others"], "end", ["total"], "a total counts the others, too"),
    # --- ids and creates
    ("ids", ["numbers"], "created by", ["our id, POST", "our id, PUT"], "ours are text"),
    (
        "created by",
        ["our id, PUT"],
        "updated by",
        ["PUT", "PUT, objects", "PUT, record"],
        "an update would make what is not there",
    ),
    ("created by", ["our id, PUT"], "clears", ["left out"], "an update would make what is not there"),
    # --- updates
    ("clears", ["left out"], "updated by", _but("updated by", "PUT, record"), "what is left out stays"),
    ("content", ["form"], "updated by", ["PUT, record"], "a form knows text alone"),
    ("content", ["form"], "clears", ["left out"], "a form knows text alone"),
    ("content", ["form"], "archived", ["flag", "number"], "a form knows text alone"),
    ("archived", ["other values"], "updated by", ["PUT, record"], "the record says both"),
    ("archived", ["other values"], "clears", ["left out"], "the record says both"),
    ("archived", ["other values"], "other properties", ["refused", "dropped"], "they are properties"),
    # --- versions
    ("place of the version", ["none"], "version sent in", _but("version sent in", "nothing"), "there is none"),
    ("place of the version", ["none"], "version", ["demanded"], "there is none"),
    ("version sent in", ["nothing"], "version", ["demanded"], "it is not sent"),
    (
        "version sent in",
        ["among the values"],
        "place of the version",
        ["ETag", "other header"],
        "it is not among them",
    ),
    ("version sent in", ["among the values"], "properties", ["inside"], "it is not among them"),
    # --- deletions
    ("mark of a deletion", ["none"], "a deleted record", ["can be read"], "it would read as a living one"),
    ("mark of a deletion", ["none"], "deletions are told by", ["rows", "changes"], "nothing tells it from others"),
    # --- credentials
    ("login", _but("login", "none"), "credentials", ["none", "two headers", "user and password"], "no token is shown"),
    ("refused with", ["400"], "not accepted", ["400"], "they could not be told apart"),
    ("not there", ["403"], "not accepted", ["403"], "they could not be told apart"),
)
"""An axis and its values, another axis and its values, and why no value of the one goes with one of the other."""

_APART = frozenset(
    frozenset({(axis, value), (other, held)})
    for axis, values, other, others, _ in CANNOT
    for value in values
    for held in others
)


def fits(one: Value, other: Value) -> bool:
    """Whether two values of different axes can go together."""
    return frozenset({one, other}) not in _APART
