"""An address as one text: how its parts are laid out, and how a text is split into them again.

Nobody can split every text right. Therefore a text is split only where a postal code or a province shows which piece
is the city, an address line stands before it, and every word finds its place; any other text stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from attrs import frozen

from wave_pms_sync.errors import ConversionError
from wave_pms_sync.mapping.places.country_names import by_name
from wave_pms_sync.mapping.places.province_names import named
from wave_pms_sync.mapping.places.tables import names
from wave_pms_sync.mapping.written import collapsed, nfc

PARTS = ("line1", "line2", "city", "province", "postal", "country")
FORMS: Mapping[str, str] = MappingProxyType({"lines": "\n", "commas": ", "})
ORDERS: Mapping[str, tuple[tuple[tuple[str, ...], ...], ...]] = MappingProxyType(
    {
        "european": ((("postal", "city", "province"),),),  # 1010 Wien
        "american": ((("city",), ("province", "postal")),),  # Toronto, ON M5V 2T6
        "british": ((("city",),), (("province",),), (("postal",),)),  # London, and SW1A 2AA on a line of its own
    }
)
"""How the city's lines are written: lines of pieces, parted by commas, of parts, parted by blanks."""

# Source: assumed, from how people there write; everywhere else it is `european`.
_LOCAL = {
    **dict.fromkeys(("AU", "CA", "PR", "US"), "american"),
    **dict.fromkeys(("GB", "GG", "IE", "IM", "JE"), "british"),
}
# Source: assumed, from the forms of postal codes in use there.
_POSTAL = {
    **dict.fromkeys(["AT", "AU", "BE", "BG", "CH", "CY", "DK", "HU", "LI", "LU", "LV", "NO", "NZ", "SI"], r"\d{4}"),
    **dict.fromkeys(["DE", "EE", "ES", "FI", "FR", "HR", "IT", "LT", "MC", "MX", "RS", "SM", "TR", "UA"], r"\d{5}"),
    **dict.fromkeys(["CZ", "GR", "SE", "SK"], r"\d{3} ?\d{2}"),
    **dict.fromkeys(("PR", "US"), r"\d{5}(?:-\d{4})?"),
    **dict.fromkeys(("GB", "GG", "IM", "JE"), r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"),
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "IE": r"[A-Z]\d[\dW] ?[A-Z\d]{4}",
    "IS": r"\d{3}",
    "NL": r"\d{4} ?[A-Z]{2}",
    "PL": r"\d{2}-\d{3}",
    "PT": r"\d{4}-\d{3}",
}
_ANY_POSTAL = r"(?=\S*\d)[A-Z\d-]{3,10}"
# Nobody writes `0154 Oslo 03` for NO-03, and in `Uppsala C` the letter is no province.
_SHORT = re.compile(r"[A-Z]{2,3}")
_BREAK = re.compile(r"[,\r\n]")
_LINE = re.compile(r"[\r\n]+")


@frozen(kw_only=True)
class Address:
    """The parts of an address, each None if it is empty; province and country as codes (ISO 3166)."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    province: str | None = None
    postal: str | None = None
    country: str | None = None


@frozen(kw_only=True)
class Piece:
    """What stands between two commas or line breaks, with the parts that it was written from."""

    text: str
    parts: tuple[str, ...]


def pieces_of(text: str) -> list[str]:
    """What stands between the commas and line breaks of a text, blanks collapsed, in order."""
    return [piece for piece in map(collapsed, _BREAK.split(nfc(text))) if piece]


@frozen(kw_only=True)
class AddressForm:
    """How one PMS writes addresses.

    Attributes:
        home: The country that goes without saying, alpha-2; None if every address says its own.
        language: In which countries are written.
        form: One of `FORMS`.
        order: One of `ORDERS`, or `local` for that of the address's country.
        parts: Which of `PARTS` are joined.
    """

    home: str | None
    language: str
    form: str
    order: str
    parts: tuple[str, ...]

    def written(self, address: Address) -> str:
        """The address as one text.

        Raises:
            ConversionError: If its province is not of its country, or its country is unknown.
        """
        return FORMS[self.form].join(", ".join(piece.text for piece in line) for line in self._lines(address))

    def pieces(self, address: Address) -> list[Piece]:
        """What `written` writes, with the parts that each piece is made of.

        Raises:
            ConversionError: As `written`.
        """
        return [piece for line in self._lines(address) for piece in line]

    def key(self, text: str) -> str:
        """What is compared: the pieces of the text, one a line, as they would be written again."""
        address = self.split(text)
        pieces = self._plain(pieces_of(text)) if address is None else pieces_of(self.written(address))
        return "\n".join(pieces) or text.strip()

    def split(self, text: str) -> Address | None:
        """The parts of a text; None if they cannot be told with certainty."""
        address = self._split(text)
        if address is None or any(getattr(address, part) for part in PARTS if part not in self.parts):
            return None
        return address if self._split(self.written(address)) == address else None

    def _split(self, text: str) -> Address | None:
        lines = [pieces_of(line) for line in _LINE.split(text)]
        pieces = [piece for line in lines for piece in line]
        said = self._country(pieces)
        country = said or self.home
        if said is not None:
            del pieces[-1]
        if country is None and "country" in self.parts:
            return None
        city = _city(pieces, self._order(country), country)
        if city is None:
            return None
        street = _street(lines, len(pieces) - city[1])
        if len(street) > len({"line1", "line2"}.intersection(self.parts)):
            return None
        said = country if "country" in self.parts else None
        return Address(line1=street[0], line2=(*street, None)[1], country=said, **city[0])

    def _plain(self, pieces: list[str]) -> list[str]:
        """The pieces of a text that is not split, the country as `written` has it."""
        said = self._country(pieces)
        while said is not None and said == self.home and len(pieces) > 1:
            pieces = pieces[:-1]
            said = self._country(pieces)
        return pieces if said is None else [*pieces[:-1], _country_name(said, self.language)]

    def _lines(self, address: Address) -> list[list[Piece]]:
        country = address.country or self.home
        shown = {part: ", ".join(pieces_of(getattr(address, part) or "")) for part in PARTS}
        shown["province"] = _province(shown["province"], country)
        layout = ((("line1",),), (("line2",),), *ORDERS[self._order(country)])
        lines = [[_piece(parts, shown) for parts in line] for line in layout]
        if address.country and (address.country != self.home or not any(shown[part] for part in PARTS[:-1])):
            lines.append([Piece(text=_country_name(address.country, self.language), parts=("country",))])
        return [found for line in lines if (found := [piece for piece in line if piece.text])]

    def _order(self, country: str | None) -> str:
        return _LOCAL.get(country or "", "european") if self.order == "local" else self.order

    def _country(self, pieces: Sequence[str]) -> str | None:
        """The country that the last piece names. Two letters name none: `CA` may be California."""
        if "country" not in self.parts or not pieces or len(pieces[-1]) < 3:
            return None
        found = by_name(pieces[-1], self.language)
        return None if found is None else found.alpha2


def _piece(parts: tuple[str, ...], shown: Mapping[str, str]) -> Piece:
    there = tuple(part for part in parts if shown[part])
    return Piece(text=" ".join(shown[part] for part in there), parts=there)


def _country_name(code: str, language: str) -> str:
    every = (*names(language).get(code, ()), *names("en").get(code, ()))
    name = next(
        (name for name in every if "," not in name and (found := by_name(name, language)) and found.alpha2 == code),
        None,
    )
    if name is None:
        raise ConversionError("has a country that is not known by name")
    return name


def _province(code: str, country: str | None) -> str:
    """A province as it is written within its country: by its short code, or not at all."""
    if not code:
        return ""
    if country is None:
        raise ConversionError("has a province without a country")
    of, _, short = code.partition("-")
    if of != country or not short:
        raise ConversionError("has a province that is not one of its country")
    return short if _SHORT.fullmatch(short) else ""


def _city(pieces: Sequence[str], order: str, country: str | None) -> tuple[dict[str, str | None], int] | None:
    """City, province and postal code at the end of the pieces, and of how many pieces they are made."""
    if len(pieces) < 2:
        return None
    *before, last = pieces
    first = order == "european"
    postal, rest = _cut_postal(last, country, first=first)
    province, rest = _cut_province(rest, country)
    if postal is None and (first or province is None):
        return None
    while not rest and before and not first:
        province, rest = (province, before.pop()) if province else _cut_province(before.pop(), country)
    if not rest or not before or _doubtful(rest, len(before), order, country, province):
        return None
    return {"city": rest, "province": province, "postal": postal}, len(pieces) - len(before)


def _cut_postal(piece: str, country: str | None, *, first: bool) -> tuple[str | None, str]:
    form = f"(?P<postal>(?:[A-Z]{{1,3}}-)?(?:{_POSTAL.get(country or '', _ANY_POSTAL)}))"
    found = re.fullmatch(
        f"{form} (?P<rest>.+)" if first else f"(?:(?P<rest>.+) )?{form}", piece, re.ASCII | re.IGNORECASE
    )
    return (None, piece) if found is None else (found["postal"], found["rest"] or "")


def _cut_province(piece: str, country: str | None) -> tuple[str | None, str]:
    """A province in its short form at the end of a piece, as its code."""
    rest, _, last = piece.rpartition(" ")
    code = f"{country}-{last}"
    return (code, rest) if _SHORT.fullmatch(last) and code in names("en") else (None, piece)


def _doubtful(city: str, before: int, order: str, country: str | None, province: str | None) -> bool:
    """Whether what seems to be the city may be a province, after the city."""
    if order == "european" or province is not None or country is None:
        return False
    if order == "american" and re.fullmatch(r"[A-Z]{2,3}", city):
        return True
    return (order == "american" or before > 1) and bool(named(city, country, "en"))


def _street(lines: Sequence[Sequence[str]], count: int) -> list[str]:
    """The first pieces as address lines: line by line where the text has lines, else piece by piece."""
    if len([line for line in lines if line]) < 2:
        return [piece for line in lines for piece in line][:count]
    street = []
    for line in lines:
        if here := line[:count]:
            street.append(", ".join(here))
        count -= len(here)
    return street
