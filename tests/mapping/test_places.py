"""Countries, provinces and currencies: what the tables hold, and how codes and names are converted."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import unicodedata
from importlib.resources import files

import pycountry
import pytest
from babel import Locale
from hypothesis import strategies as st

from wave_pms_sync.errors import ConfigurationError, ConversionError
from wave_pms_sync.mapping.converters.countries import CountryAlpha2, CountryAlpha3, CountryName, CountryNumeric
from wave_pms_sync.mapping.converters.places import Place
from wave_pms_sync.mapping.converters.provinces import ProvinceCode, ProvinceName, ProvinceShort
from wave_pms_sync.mapping.places import country_names, province_names, tables
from wave_pms_sync.testing.converters import check_converter_laws

COUNTRIES = sorted(tables.countries())
PROVINCES = sorted(code for code in tables.names("en") if "-" in code)
FOREIGN_BY_BABEL = {  # its release of CLDR has other names than ours: formal ones, later corrected
    ("ga", "CV"), ("ga", "MR"), ("hr", "FO"), ("nn", "IO"),
    ("sl", "KN"), ("sl", "KY"), ("sl", "MO"), ("sl", "PM"), ("sl", "ST"), ("sl", "VC"),
}  # fmt: skip


def _wave_enum(name: str) -> set[str]:
    schema = (files("wave_pms_sync.testing") / "wave.graphql").read_text(encoding="utf-8")
    found = re.search(rf"enum {name} {{(.*?)}}", schema, re.DOTALL)
    assert found is not None
    return set(re.findall(r"\b[A-Z]+\b", found[1]))


def _country(text: str, language: str) -> str | None:
    found = country_names.by_name(text, language)
    return None if found is None else found.alpha2


def _reads(pair: object, wire: object) -> object:
    return pair.read(wire)  # type: ignore[attr-defined]


# --- The tables -------------------------------------------------------------------------------------


def test_countries_are_those_of_wave() -> None:
    """Every country that Wave has a code for is in the table, and no other is."""
    assert set(COUNTRIES) == _wave_enum("CountryCode")


def test_currencies_of_wave_are_known() -> None:
    """Every currency that Wave has a code for is in the table, the retired ones included."""
    assert _wave_enum("CurrencyCode") <= set(tables.minor_digits())


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("MRO", 2), ("AFN", 2)])
def test_currency_has_the_digits_of_iso(code: str, digits: int) -> None:
    """A currency has as many digits after the point as ISO 4217 says, not as many as people use."""
    assert tables.minor_digits()[code] == digits


def test_currencies_agree_with_another_source() -> None:
    """The currencies are those of another list of ISO 4217, without metals, funds and units, plus retired."""
    others = {currency.alpha_3 for currency in pycountry.currencies}
    funds = {"BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "VED"}
    retired = {"ANG", "BGN", "BYR", "EEK", "GWP", "HRK", "LTL", "LVL", "MRO", "SLL", "STD", "TMM", "VEF", "ZMK", "ZWD"}

    ours = set(tables.minor_digits())

    assert {code for code in others - ours if not code.startswith("X")} == funds
    assert ours - others == retired


def test_country_codes_agree_with_another_source() -> None:
    """Alpha-2, alpha-3 and number of every country are those of another list of ISO 3166-1."""
    others = {country.alpha_2: (country.alpha_3, country.numeric) for country in pycountry.countries}

    assert {code: (c.alpha3, c.numeric) for code, c in tables.countries().items()} == others


def test_province_codes_agree_with_another_source() -> None:
    """The provinces in use are those of another list of ISO 3166-2."""
    others = {province.code for province in pycountry.subdivisions}

    assert others <= set(PROVINCES) | set(tables.retired())
    assert set(PROVINCES) - set(tables.retired()) <= others


def test_languages_are_those_that_have_a_table() -> None:
    """Each language on offer has a table with a name of every country, and there is no other table."""
    tables_there = {file.name.removesuffix(".txt") for file in (files(tables.__package__) / "data/names").iterdir()}

    assert set(tables.LANGUAGES) == tables_there
    assert all(set(COUNTRIES) <= set(tables.names(language)) for language in tables.LANGUAGES)


def test_every_named_place_exists() -> None:
    """No table and no alias names a country or province that the lists do not have."""
    named = {code for language in tables.LANGUAGES for code in tables.names(language)} | set(tables.aliases())

    assert named == set(COUNTRIES) | set(PROVINCES)


def test_retired_province_leads_to_one_in_use_in_the_same_country() -> None:
    """The successor of a retired code is a province in use, in the same country, and not retired itself."""
    in_use = set(PROVINCES) - set(tables.retired())

    assert all(new is None or (new in in_use and new[:2] == old[:2]) for old, new in tables.retired().items())


def test_tables_are_not_read_at_import() -> None:
    """Importing the library reads no table; the first question does."""
    code = (
        "import wave_pms_sync, wave_pms_sync.mapping.converters.places\n"
        "from wave_pms_sync.mapping.places import tables as t\n"
        "assert not any(f.cache_info().currsize for f in (t.countries, t.names, t.aliases, t.retired, t.minor_digits))"
    )

    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - our own words


def test_every_table_says_where_it_comes_from() -> None:
    """Each generated table names its source, the release, the licence and what wrote it; the licence lies beside it.

    A new release changes what provinces are compared as: then raise the versions of the pairs, and this number.
    """
    data = files(tables.__package__) / "data"
    generated = [data / "countries.txt", data / "currencies.txt", data / "retired.txt", *(data / "names").iterdir()]

    for table in generated:
        head = table.read_text(encoding="utf-8").splitlines()[:3]
        assert "Unicode CLDR 48," in head[1]
        assert "Unicode-3.0" in head[1]
        assert ".ci/places.py" in head[2]
    assert "UNICODE LICENSE V3" in (data / "LICENSE.txt").read_text(encoding="utf-8")


# --- Names of countries -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_country_is_found_by_its_name_in_each_language(language: str) -> None:
    """The usual name of each country in each language names that country and no other, however it is typed."""
    for code in COUNTRIES:
        name = tables.names(language)[code][0]

        assert {_country(text, language) for text in (name, unicodedata.normalize("NFD", name), name + " ")} == {code}
        assert _country(name.upper(), language) == code or language == "tr"  # Python does not know the Turkish I


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_country_names_agree_with_another_release(language: str) -> None:
    """The names that Babel has for a language are understood, but for a few that have changed since."""
    told = Locale.parse(language.replace("-", "_")).territories

    assert {(language, code) for code in COUNTRIES if _country(told[code], language) != code} <= FOREIGN_BY_BABEL


def test_names_of_iso_are_understood() -> None:
    """The short, official and common name of each country are understood, in the order of words of ISO, too."""
    kinds = ("name", "official_name", "common_name")
    told = [(c.alpha_2, getattr(c, kind)) for c in pycountry.countries for kind in kinds if hasattr(c, kind)]

    assert [(code, name) for code, name in told if _country(name, "en") != code] == []


def test_each_alias_names_its_country() -> None:
    """No alias of a country names another one, by its code or by a name that comes first."""
    told = [(code, name) for code, names in tables.aliases().items() if "-" not in code for name in names]

    assert [(code, name) for code, name in told if _country(name, "en") != code] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutschland", "DE"),
        ("BUNDESREPUBLIK DEUTSCHLAND", "DE"),
        ("Österreich", "AT"),
        ("Osterreich", "AT"),
        ("Schweiz", "CH"),
        ("Vereinigte Staaten", "US"),
        ("Vereinigte Staaten von Amerika", "US"),
        ("Vereinigtes Königreich", "GB"),
        ("Großbritannien", "GB"),
        ("Grossbritannien", "GB"),
        ("Türkei", "TR"),
        ("Türkiye", "TR"),
        ("Elfenbeinküste", "CI"),
        ("Côte d'Ivoire", "CI"),
        ("Cote dIvoire", "CI"),
        ("Bosnien & Herzegowina", "BA"),
        ("Germany", "DE"),
        ("de", "DE"),
        ("DEU", "DE"),
    ],
)
def test_german_names_are_understood(text: str, code: str) -> None:
    """A PMS in German may write usual, older and English names, with or without accents, or codes."""
    assert CountryName(language="de").read(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("The United States of America", "US"),
        ("UK", "GB"),
        ("Great Britain", "GB"),
        ("Scotland", "GB"),
        ("South Korea", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea (the Republic of)", "KR"),
        ("Czech Republic", "CZ"),
        ("Holland", "NL"),
        ("the Netherlands", "NL"),
        ("Ivory Coast", "CI"),
        ("Saint Lucia", "LC"),
        ("St Lucia", "LC"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
        ("Dominica", "DM"),
        ("Dominican Republic", "DO"),
        ("Guinea", "GN"),
        ("Guinea Bissau", "GW"),
        ("Congo, The Democratic Republic of the", "CD"),
        ("Republic of the Congo", "CG"),
    ],
)
def test_english_names_are_understood(text: str, code: str) -> None:
    """The other names of a country that people use in English are understood, and near ones are not mixed up."""
    assert CountryName().read(text) == code


@pytest.mark.parametrize("text", ["Atlantis", "Virgin Islands", "", "EU", "276", "ﬁ", "Deutschland und Österreich"])
def test_unknown_country_name_is_refused(text: str) -> None:
    """A name that no country has, or that two might have, is refused without being quoted."""
    with pytest.raises(ConversionError, match=r"\Ais not a known name of a country \(language en\)\Z"):
        CountryName().read(text)


def test_country_name_of_another_language_is_not_guessed() -> None:
    """A name that means nothing in the language of the PMS, in English or among the aliases is refused."""
    with pytest.raises(ConversionError):
        CountryName(language="de").read("Saksa")

    assert CountryName(language="fi").read("Saksa") == "DE"


# --- Countries --------------------------------------------------------------------------------------

COUNTRY_PAIRS = [CountryAlpha2(), CountryAlpha3(), CountryNumeric(), CountryNumeric(as_number=True)]
COUNTRY_PAIRS += [CountryName(), CountryName(language="de"), CountryName(language="zh-Hant")]


@pytest.mark.parametrize("pair", COUNTRY_PAIRS, ids=repr)
def test_country_pairs_keep_the_laws_for_every_country(pair: CountryName) -> None:
    """Each way to say a country keeps the laws of converters, for every country and many writings of it."""
    said = [pair.write(code) for code in COUNTRIES]
    wires = st.sampled_from(said)
    if isinstance(said[0], str):
        texts = st.sampled_from([str(text) for text in said])
        wires = st.one_of(wires, texts.map(str.lower), texts.map(lambda text: f" {text}\t"))

    check_converter_laws(pair, wires=wires, ours=st.sampled_from(COUNTRIES))
    assert [pair.read(wire) for wire in said] == COUNTRIES


@pytest.mark.parametrize(
    ("pair", "wire"),
    [
        (CountryAlpha2(), "AT"),
        (CountryAlpha3(), "AUT"),
        (CountryNumeric(), "040"),
        (CountryNumeric(as_number=True), 40),
        (CountryName(), "Austria"),
        (CountryName(language="de"), "Österreich"),
        (CountryName(language="ja"), "オーストリア"),
    ],
    ids=repr,
)
def test_country_is_written_in_the_form_of_the_pms(pair: CountryName, wire: object) -> None:
    """The PMS is told a country in its own form, and what it tells is its code in Wave."""
    assert pair.write("AT") == wire
    assert pair.read(wire) == "AT"


@pytest.mark.parametrize(
    ("pair", "old", "new"),
    [
        (CountryAlpha2(), "UK", "DE"),
        (CountryAlpha3(), "gbr", "DEU"),
        (CountryNumeric(), 826, "276"),
        (CountryName(), "Great Britain", "Germany"),
        (CountryName(language="de"), "Großbritannien", "Deutschland"),
    ],
    ids=repr,
)
def test_country_stays_as_the_pms_writes_it(pair: CountryName, old: object, new: object) -> None:
    """The PMS's own writing stays for as long as it means the same country, and only then."""
    assert pair.write("GB", old) == old
    assert pair.write("DE", old) == new
    assert pair.write("DE", "???") == new


@pytest.mark.parametrize(
    ("pair", "wire"),
    [
        (CountryAlpha2(), "ZZ"),
        (CountryAlpha2(), "XK"),
        (CountryAlpha2(), "DEU"),
        (CountryAlpha2(), "ﬀ"),
        (CountryAlpha2(), 40),
        (CountryAlpha3(), "DE"),
        (CountryAlpha3(), "276"),
        (CountryNumeric(), "999"),
        (CountryNumeric(), "DEU"),
        (CountryNumeric(), True),
        (CountryNumeric(), -40),
        (CountryNumeric(), 40.0),
    ],
    ids=repr,
)
def test_code_of_no_country_is_refused(pair: CountryName, wire: object) -> None:
    """A code of no country, or in another form, is refused here: Wave would refuse the whole customer for it."""
    with pytest.raises(ConversionError) as caught:
        pair.read(wire)

    assert str(wire) not in caught.value.reason.split()


def test_country_that_wave_shows_and_no_table_knows_is_refused() -> None:
    """A code that Wave should show one day and no table knows holds its group; it is not written anywhere."""
    with pytest.raises(ConversionError):
        CountryName().key("ZZ")


# --- Provinces --------------------------------------------------------------------------------------


def test_every_province_goes_there_and_back_within_its_country() -> None:
    """Each province can be said by its code, and by its name unless it shares that with another one of its country."""
    nameless = []
    for code in PROVINCES:
        present = province_names.present(code)
        assert ProvinceShort(country=code[:2]).read(ProvinceShort(country=code[:2]).write(code)) == present
        pair = ProvinceName(country=code[:2])
        try:
            said = pair.write(code)
        except ConversionError:
            nameless.append(code)
        else:
            assert pair.read(said) == present

    assert {code[:2] for code in nameless} <= {"EE", "IR", "IS", "MU", "UG"}
    assert len(nameless) < 20


@pytest.mark.parametrize(
    "country", ["AT", "AU", "CA", "CH", "DE", "ES", "GB", "IE", "IN", "IT", "MX", "NZ", "US", "ZA"]
)
@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_every_province_of_main_countries_has_a_name_of_its_own(country: str, language: str) -> None:
    """In the countries where most of Wave's users are, every province in use can be named in every language."""
    codes = [code for code in PROVINCES if code[:2] == country and code not in tables.retired()]

    assert [code for code in codes if province_names.name_of(code, language) is None] == []


@pytest.mark.parametrize(
    ("country", "language", "text", "code"),
    [
        ("CA", "en", "Ontario", "CA-ON"),
        ("CA", "en", "quebec", "CA-QC"),
        ("CA", "en", "Québec", "CA-QC"),
        ("CA", "fr", "Colombie-Britannique", "CA-BC"),
        ("CA", "fr", "British Columbia", "CA-BC"),
        ("CA", "en", "Newfoundland & Labrador", "CA-NL"),
        ("CA", "en", "on", "CA-ON"),
        ("CA", "en", "CA-ON", "CA-ON"),
        ("US", "en", "District of Columbia", "US-DC"),
        ("US", "en", "Washington", "US-WA"),
        ("US", "en", "Washington, D.C.", "US-DC"),
        ("US", "en", "Puerto Rico", "US-PR"),
        ("DE", "de", "Bayern", "DE-BY"),
        ("DE", "en", "Bayern", "DE-BY"),
        ("DE", "de", "Bavaria", "DE-BY"),
        ("DE", "de", "Baden Wurttemberg", "DE-BW"),
        ("CH", "fr", "Genève", "CH-GE"),
        ("IT", "it", "Milano", "IT-MI"),
        ("ES", "es", "Madrid", "ES-M"),
        ("IN", "en", "Odisha", "IN-OD"),
        ("NO", "en", "Østfold", "NO-01"),
        ("IS", "en", "Reykjavík", "IS-RKV"),
        ("BB", "en", "St. George", "BB-03"),
    ],
)
def test_province_names_are_understood(country: str, language: str, text: str, code: str) -> None:
    """A province is known by its names in the language, in English and where it lies, and by its codes."""
    assert ProvinceName(country=country, language=language).read(text) == code


def test_same_name_means_another_province_in_another_country() -> None:
    """A name that provinces of several countries have is looked up in the country that is meant."""
    pair = Place()

    assert pair.read(("Limburg", "BE")) == ("BE-VLI", "BE")
    assert pair.read(("Limburg", "NL")) == ("NL-LI", "NL")
    assert pair.read(("Córdoba", "AR")) == ("AR-X", "AR")
    assert pair.read(("Córdoba", "ES")) == ("ES-CO", "ES")
    assert pair.read(("WA", "US")) == ("US-WA", "US")
    assert pair.read(("WA", "AU")) == ("AU-WA", "AU")


def test_name_that_two_provinces_share_is_refused() -> None:
    """A name that two provinces of the country have is refused, towards Wave and towards the PMS."""
    pair = ProvinceName(country="EE")

    with pytest.raises(ConversionError, match=r"\Anames more than one province of EE\Z"):
        pair.read("Viljandi")
    with pytest.raises(ConversionError, match="without a known name of its own"):
        pair.write("EE-897")


@pytest.mark.parametrize("pair", [ProvinceName(country="CA"), ProvinceShort(country="CA")], ids=repr)
@pytest.mark.parametrize("code", ["US-NY", "XX-ON", "ON", "Ontario", 7])
def test_province_that_wave_shows_of_another_country_is_refused(pair: ProvinceName, code: object) -> None:
    """Where all customers are in one country, a province of another one is a fault of its group."""
    with pytest.raises(ConversionError):
        pair.key(code)
    with pytest.raises(ConversionError):
        pair.write(code)


@pytest.mark.parametrize("text", ["Bavaria", "New York", "XX", "US-NY"])
def test_unknown_province_name_is_refused(text: str) -> None:
    """A name of no province of the country is refused without being quoted."""
    with pytest.raises(ConversionError, match=r"\Ais not a known name of a province of CA\Z"):
        ProvinceName(country="CA").read(text)


def test_retired_province_code_counts_as_its_successor() -> None:
    """A province whose code was changed is compared by its present code; each side keeps the code it shows."""
    for pair in (ProvinceCode(), ProvinceName(country="IN"), ProvinceShort(country="IN")):
        assert pair.key("IN-OR") == pair.key("IN-OD") == "IN-OD"
        assert pair.adapt("IN-OD", "IN-OR") == "IN-OR"
        assert pair.adapt("IN-OD", "IN-KA") == "IN-OD"
    assert ProvinceCode().write("IN-OD", "IN-OR") == "IN-OR"
    assert ProvinceName(country="IN").write("IN-OR") == "Odisha"
    assert Place().adapt(("IN-OD", "IN"), ("IN-OR", "IN")) == ("IN-OR", "IN")


def test_province_code_that_no_table_knows_is_carried() -> None:
    """A province code in the form of ISO 3166-2 is carried though no table knows it: nobody knows all that Wave has."""
    assert ProvinceCode().read("us-ae") == "US-AE"
    assert ProvinceShort(country="US").read("AE") == "US-AE"
    with pytest.raises(ConversionError, match="ISO 3166-2"):
        ProvinceCode().read("ON")


@pytest.mark.parametrize("country", ["CA", "DE", "IN", "US"])
def test_province_pairs_keep_the_laws(country: str) -> None:
    """Each way to say a province keeps the laws of converters, for every province of a country."""
    codes = [code for code in [*PROVINCES, *tables.retired()] if code.startswith(f"{country}-")]
    for pair in (ProvinceCode(), ProvinceShort(country=country), ProvinceName(country=country, language="fr")):
        said = [str(pair.write(code)) for code in codes if code in PROVINCES]
        wires = st.one_of(st.sampled_from(said), st.sampled_from(said).map(str.lower), st.sampled_from(codes))

        check_converter_laws(pair, wires=wires, ours=st.sampled_from(codes))


# --- Province and country together ------------------------------------------------------------------

PLACES = [
    Place(province=province, country=country, language=language)
    for province in ("name", "code", "short")
    for country in ("alpha2", "alpha3", "numeric", "name")
    for language in ("en", "de")
]


@pytest.mark.parametrize("pair", PLACES, ids=repr)
def test_place_pairs_keep_the_laws(pair: Place) -> None:
    """Province and country keep the laws together, in every pair of forms, for provinces of every country."""
    named = [(code, code[:2]) for code in PROVINCES if province_names.name_of(code, pair.language)]
    ours = st.sampled_from([*named, *((None, code) for code in COUNTRIES)])

    check_converter_laws(pair, wires=ours.map(pair.write), ours=ours)


def test_place_is_said_in_the_forms_of_the_pms() -> None:
    """Province and country are written each in the form that the PMS uses."""
    assert Place(language="fr", country="name").write(("CA-BC", "CA")) == ("Colombie-Britannique", "Canada")
    assert Place(province="short", country="alpha3").write(("CA-BC", "CA")) == ("BC", "CAN")
    assert Place(province="code", country="numeric").write(("CA-BC", "CA")) == ("CA-BC", "124")


def test_part_of_a_place_that_did_not_change_stays_as_written() -> None:
    """Of province and country, the one that means the same stays as the PMS writes it."""
    pair = Place(country="name")

    assert pair.write(("CA-ON", "CA"), ("ontario", "CANADA")) == ("ontario", "CANADA")
    assert pair.write(("CA-QC", "CA"), ("ontario", "CANADA")) == ("Quebec", "CANADA")
    assert pair.write((None, "CA"), ("ontario", "CANADA")) == (None, "CANADA")


def test_either_part_of_a_place_may_be_empty() -> None:
    """A country without a province is a place, and nothing at all is none."""
    assert Place().read((None, "ca")) == (None, "CA")
    assert Place().write((None, "CA")) == (None, "CA")
    assert Place().read((None, None)) == (None, None)
    assert Place().write((None, None)) == (None, None)


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (("Ontario", None), "is a province without a country"),
        (("Bavaria", "CA"), "is not a known name of a province of CA"),
        (("Anything", "VA"), "is not a known name of a province of VA"),
        (("Ontario", "ZZ"), "is not a country code of two letters (ISO 3166-1 alpha-2)"),
        ("Ontario", "is not a province and a country"),
    ],
)
def test_place_that_wave_cannot_say_is_refused(wire: object, reason: str) -> None:
    """A province without a country, or not of it, and text that has no code, is refused and never dropped."""
    with pytest.raises(ConversionError) as caught:
        Place().read(wire)

    assert caught.value.reason == reason


@pytest.mark.parametrize("ours", [("CA-ON", "US"), ("CA-ON", None), ("CA-ON",)])
def test_place_of_wave_that_contradicts_itself_is_refused(ours: object) -> None:
    """A province that Wave shows outside its country, or without one, is a fault of its group."""
    for pair in (Place(), Place(province="code"), Place(province="short")):
        with pytest.raises(ConversionError):
            pair.key(ours)


def test_code_of_another_country_is_refused_in_every_form() -> None:
    """A PMS that writes province codes may not name a province of another country than its own."""
    for form in ("name", "code", "short"):
        with pytest.raises(ConversionError):
            Place(province=form).read(("US-NY", "CA"))


# --- Parameters -------------------------------------------------------------------------------------


def test_faults_of_parameters_are_raised_at_once() -> None:
    """Every wrong parameter is named with what is allowed, all in one error."""
    with pytest.raises(ConfigurationError) as caught:
        Place(province="initials", country="flag", language="german")

    assert [fault.partition(":")[0] for fault in caught.value.faults] == ["province", "country", "language"]
    assert "(allowed: name, code, short)" in caught.value.faults[0]
    with pytest.raises(ConfigurationError, match=r"country: 'ZZ' .*language: 'xx'"):
        ProvinceName(country="ZZ", language="xx")
    with pytest.raises(ConfigurationError, match="ISO 3166-1 alpha-2"):
        ProvinceShort(country="Canada")
    with pytest.raises(ConfigurationError, match="allowed: ar, bg"):
        CountryName(language="../en")
    with pytest.raises(ConfigurationError, match="as_number"):
        CountryNumeric(as_number="yes")  # type: ignore[arg-type]  # as a file might say


@pytest.mark.parametrize("pair", [*COUNTRY_PAIRS, ProvinceName(country="CA"), ProvinceCode(), Place()], ids=repr)
def test_pairs_can_be_pickled(pair: object) -> None:
    """A pair of places can be handed to another process."""
    assert pickle.loads(pickle.dumps(pair)) == pair  # noqa: S301 - our own bytes
