"""Addresses that the PMS keeps as one text.

Nobody can split every text right. Therefore a split that somebody made is kept as long as the text allows it, a text
without history is split by rule only where the rule is certain, and any other text is compared, but never taken apart:
it is held until a person sees to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from attrs import field, frozen

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.address_edits import kept, relaid
from wave_pms_sync.mapping.converters.address_texts import FORMS, ORDERS, PARTS, Address, AddressForm
from wave_pms_sync.mapping.converters.text import text_of
from wave_pms_sync.mapping.places.tables import LANGUAGES, countries

_ORDERS = ("local", *ORDERS)
_UNSPLIT = "cannot be split into the parts of an address, neither by rule nor as the present one is"


def _listed(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(parts) if not isinstance(parts, str) else (parts,)


@frozen(kw_only=True)
class AddressText:
    """The parts of an address in Wave, one text in the PMS; compared by the whole text.

    A comma and a line break are the same, and so are a country's names. In our shape an address is a tuple of its
    parts, or, where a text of the PMS cannot be split with certainty, that text: it corresponds to parts that are
    written so, and can be laid over an address of Wave from which it differs in one place.

    Attributes:
        country: The home country, alpha-2: left out when written, assumed when read. None: texts that name no country
            are not split.
        language: In which countries are written, one of `places.tables.LANGUAGES`; they are read in English, too.
        form: `lines` (with line breaks) or `commas`.
        order: `european` (`1010 Wien`), `american` (`Toronto, ON M5V 2T6`), `british` (`London`, then `SW1A 2AA`), or
            `local`: as is usual in the country of the address.
        parts: Which Wave properties are joined, in the order of the field map: address line 1 and 2, city, code of the
            province, postal code, code of the country.
    """

    version: ClassVar[str] = "1"
    uses_old: ClassVar[bool] = True
    loses: ClassVar[str] = (
        "where its parts begin and end, how pieces are parted, how its country is named,"
        " and a province whose short code is not two or three letters"
    )

    country: str | None = None
    language: str = "en"
    form: str = "lines"
    order: str = "local"
    parts: tuple[str, ...] = field(default=PARTS, converter=_listed)

    def __attrs_post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise ConfigurationError("mapping", faults)

    @property
    def takes(self) -> tuple[int, int]:
        """How many properties it joins."""
        return len(self.parts), 1

    def read(self, wire: object) -> object:
        """The parts, split by rule; the whole text where the rule is not certain."""
        address = self._form().split(text_of(wire))
        return wire if address is None else self._tuple(address)

    def write(self, ours: object, old: object = None) -> object:
        """The text; the PMS's own writing if it says the same."""
        whole, form = self._whole(ours), self._form()
        return old if isinstance(old, str) and form.key(old) == form.key(whole) else whole

    def key(self, ours: object) -> object:
        """The pieces of the text, one a line."""
        return self._form().key(self._whole(ours)) or None

    def adapt(self, ours: object, old: object) -> object:
        """The parts, as the present ones are wherever they say the same.

        Raises:
            ConversionError: If a text cannot be split, neither by rule nor as the present address is.
        """
        if ours == old:  # a text laid over itself needs no parts
            return ours
        form, whole, present = self._form(), self._whole(ours), self._present(old)
        if present is not None and form.key(form.written(present)) == form.key(whole):
            return self._tuple(present)
        new = form.split(whole) if isinstance(ours, str) else self._address(ours)
        if present is not None:
            new = relaid(form, whole, present) if new is None else kept(form, new, present)
        if new is None or form.key(form.written(new)) != form.key(whole):
            raise ConversionError(_UNSPLIT)
        return self._tuple(new)

    def _form(self) -> AddressForm:
        return AddressForm(
            home=self.country, language=self.language, form=self.form, order=self.order, parts=self.parts
        )

    def _whole(self, ours: object) -> str:
        return ours if isinstance(ours, str) else self._form().written(self._address(ours))

    def _address(self, ours: object) -> Address:
        if not isinstance(ours, (tuple, list)) or len(ours) != len(self.parts):
            raise ConversionError("is not the parts of an address")
        texts = (None if part is None else text_of(part) for part in ours)
        return Address(**dict(zip(self.parts, texts, strict=True)))

    def _present(self, old: object) -> Address | None:
        """Wave's present address; None if there is none that could be written."""
        try:
            present = self._address(old)
            self._form().written(present)
        except ConversionError:
            return None
        return present

    def _tuple(self, address: Address) -> tuple[object, ...]:
        return tuple(getattr(address, part) for part in self.parts)


def _faults(pair: AddressText) -> list[str]:
    words = (
        ("language", pair.language, LANGUAGES),
        ("form", pair.form, tuple(FORMS)),
        ("order", pair.order, _ORDERS),
        *(("parts", part, PARTS) for part in pair.parts),
    )
    faults = [
        f"{what}: {word!r} is unknown (allowed: {', '.join(known)})" for what, word, known in words if word not in known
    ]
    if pair.country is not None and pair.country not in countries():
        faults.append(f"country: {pair.country!r} is unknown (allowed: a country code of two letters, None)")
    if len(set(pair.parts)) < len(pair.parts) or not pair.parts:
        faults.append(f"parts: none, or the same twice (allowed: each once of {', '.join(PARTS)})")
    if "province" in pair.parts and "country" not in pair.parts and pair.country is None:
        faults.append("parts: a province needs its country (allowed: country among the parts, or country= of all)")
    return faults
