"""Write the tables of countries, provinces and currencies of `wave_pms_sync/mapping/places/data` anew.

    python .ci/places.py CLDR/common

`CLDR/common` is the folder of that name in a release of the Unicode Common Locale Data Repository (cldr-common-48.zip,
or the npm package `cldr`, which carries it under `3rdparty/cldr`). The same release gives the same bytes.
`aliases.txt` is written by hand and stays. After a new release, raise `version` of the pairs in `converters/places.py`
whose comparison forms change (those that look at provinces, if `retired.txt` did).
"""

# ruff: noqa: RUF001 - names have the apostrophes of their languages

from __future__ import annotations

import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

DATA = Path(__file__).parent.parent / "wave_pms_sync" / "mapping" / "places" / "data"
# The official languages of the European Union, and those of other places where companies keep books.
LANGUAGES = (
    "en bg cs da de el es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv ar ca he id is ja ko nb nn ru sr "
    "tr uk zh zh-Hant"
)
SUBDIVISION_FILES = {"nb": "no", "nn": "no", "zh-Hant": "zh_Hant"}
NAMED_EVERYWHERE = {"CA", "US"}  # where Wave is at home
# Source: ISO 4217, list one. CLDR gives the digits that people use, which differ (no cents for the Afghani).
DIGITS = {
    0: "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
# Retired currencies that Wave still names. Source: CurrencyCode of Wave's published schema, December 2021.
RETIRED_CURRENCIES = "ANG BGN BYR EEK GWP HRK LTL LVL MRO SLL STD SVC TMM VEF ZMK ZWD"
# What CLDR leaves out. Source: ISO 3166-2, newsletters and changes until 2023.
RENAMED = (
    "FR-75>FR-75C FR-A>FR-6AE FR-H>FR-20R FR-LRE>FR-974 FR-RE>FR-974 IN-OR>IN-OD KZ-ALA>KZ-75 KZ-AST>KZ-71 "
    "KZ-SHY>KZ-79 MX-DIF>MX-CMX ZA-GT>ZA-GP ZA-NL>ZA-KZN EE-49>EE-50 EE-51>EE-52 EE-57>EE-56 EE-59>EE-60 "
    "EE-65>EE-64 EE-67>EE-68 EE-70>EE-71 EE-78>EE-79 EE-82>EE-81 EE-86>EE-87 GT-GU>GT-01 GT-PR>GT-02 "
    "GT-SA>GT-03 GT-CM>GT-04 GT-ES>GT-05 GT-SR>GT-06 GT-SO>GT-07 GT-TO>GT-08 GT-QZ>GT-09 GT-SU>GT-10 "
    "GT-RE>GT-11 GT-SM>GT-12 GT-HU>GT-13 GT-QC>GT-14 GT-BV>GT-15 GT-AV>GT-16 GT-PE>GT-17 GT-IZ>GT-18 "
    "GT-ZA>GT-19 GT-CQ>GT-20 GT-JA>GT-21 GT-JU>GT-22"
)
# Addresses say `Milano`, where CLDR says `provincia di Milano`.
KINDS = {
    "ca": r"província (de |d’|del |dels )?",
    "es": r"(provincia|departamento|región|estado|distrito) (de |del )",
    "fr": r"(province|canton|wilaya|gouvernorat|préfecture|département|région|comté|état|district)"
    r" (de l’|de la |de |du |des |d’)",
    "it": r"(provincia( autonoma)?|città metropolitana|regione) (di |dei |del |della |dell’)|cantone? (dei )?",
    "nl": r"provincie ",
    "pl": r"województwo ",
    "pt": r"distrito (de |do |da )",
    "ro": r"(raionul|județul|districtul) ",
    "sl": r"(mestna )?občina ",
}
# Where CLDR is wrong, formal, or calls two provinces of a country by one name.
BETTER = {
    "en": {"EE-84": "Viljandimaa", "MX-CMX": "Mexico City", "NZ-MBH": "Marlborough", "US-DC": "District of Columbia"},
    "es": {
        "ES-CB": "Comunidad Autónoma de Cantabria",
        "ES-IB": "Comunidad Autónoma de las Islas Baleares",
        "ES-MC": "Región de Murcia",
        "ES-MU": "Murcia",
        "ES-NA": "Navarra",
        "ES-NC": "Comunidad Foral de Navarra",
        "ES-RI": "Comunidad Autónoma de La Rioja",
    },
    "it": {
        "IT-82": "Sicilia",
        "IT-AQ": "L’Aquila",
        "IT-MB": "Monza e Brianza",
        "IT-RE": "Reggio Emilia",
        "IT-SP": "La Spezia",
        "IT-SU": "Sud Sardegna",
        "IT-VB": "Verbano-Cusio-Ossola",
    },
}


class Cldr:
    """The files of a CLDR release that are looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.release = re.findall(r'cldrVersion CDATA #FIXED "([0-9.]+)"', (folder / "dtd/ldml.dtd").read_text())[0]

    def read(self, path: str) -> ET.Element:
        """One file."""
        return ET.parse(self.folder / path).getroot()  # noqa: S314 - a release of Unicode, chosen by whoever runs this

    def ids(self, kind: str, status: str) -> set[str]:
        """The codes of a kind with that status; `ad02~4` stands for ad02, ad03, ad04."""
        found = self.read(f"validity/{kind}.xml").find(f".//id[@idStatus='{status}']")
        return set(spread((found.text or "").split()))

    def names(self, path: str, tag: str, *, letters: int | None = None) -> dict[str, list[str]]:
        """The names by code in upper case: the usual one first, then the others."""
        usual: dict[str, list[str]] = {}
        other: dict[str, list[str]] = {}
        for element in self.read(path).iter(tag):
            code, text = element.get("type", "").upper(), (element.text or "").strip().rstrip("²³⁴⁵")
            if text != "↑↑↑" and text and (letters is None or len(code) == letters):
                (other if element.get("alt") else usual).setdefault(code, []).append(text)
        return {code: list(dict.fromkeys(names + other.get(code, []))) for code, names in usual.items()}


def spread(ranges: Iterable[str]) -> Iterator[str]:
    """Each code that CLDR's short form of ranges names."""
    for text in ranges:
        start, _, end = text.partition("~")
        stem, last = start[: len(start) - len(end)], start[len(start) - len(end) :]
        yield from (stem + chr(at) for at in range(ord(last), ord(end) + 1)) if end else (start,)


def hyphened(code: str) -> str:
    """`decy` or `DECY` as `DE-CY`."""
    return f"{code[:2]}-{code[2:]}".upper()


def plain(name: str) -> str:
    """A name without regard to case, accents and punctuation."""
    letters = unicodedata.normalize("NFD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def countries(cldr: Cldr) -> dict[str, tuple[str, str]]:
    """Alpha-3 and number by alpha-2 code, of ISO 3166-1: a country in use with a number that ISO gave."""
    regular = cldr.ids("region", "regular")
    codes = cldr.read("supplemental/supplementalData.xml").iter("territoryCodes")
    return {
        code.get("type"): (code.get("alpha3"), code.get("numeric"))
        for code in codes
        if code.get("type") in regular and int(code.get("numeric", 999)) < 900
    }


def currencies(cldr: Cldr) -> dict[str, int]:
    """The digits after the point by code, of the currencies in use and of the retired ones that Wave names."""
    tender = {
        currency.get("iso4217")
        for currency in cldr.read("supplemental/supplementalData.xml").iterfind(".//currencyData/region/currency")
        if currency.get("to") is None and currency.get("tender") != "false"
    }
    digits = {code: count for count, codes in DIGITS.items() for code in codes.split()}
    known = sorted((tender & cldr.ids("currency", "regular")) | set(RETIRED_CURRENCIES.split()))
    return {code: digits.get(code, 2) for code in known}


def renamed(cldr: Cldr, english: Mapping[str, list[str]], current: set[str]) -> dict[str, str]:
    """The present code of each retired one whose province goes on unchanged."""
    told = {
        hyphened(alias.get("type")): hyphened(alias.get("replacement"))
        for alias in cldr.read("supplemental/supplementalMetadata.xml").iter("subdivisionAlias")
    }
    sources = Counter(told.values())
    found = {old: new for old, new in told.items() if sources[new] == 1 and new in current}
    named: dict[tuple[str, str], list[str]] = {}
    for code in sorted(current):
        named.setdefault((code[:2], plain(english[code][0])), []).append(code)
    for code in sorted(english.keys() - current):
        same = named.get((code[:2], plain(english[code][0])), [])
        if len(same) == 1:
            found[code] = same[0]
    return found | dict(pair.split(">") for pair in RENAMED.split())


def provinces(cldr: Cldr, territories: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The English names by code; ISO has codes for `US-PR` and its like, which CLDR names as countries only."""
    names = {hyphened(code): found for code, found in cldr.names("subdivisions/en.xml", "subdivision").items()}
    for alias in cldr.read("supplemental/supplementalMetadata.xml").iter("subdivisionAlias"):
        if alias.get("replacement") in territories:
            names.setdefault(hyphened(alias.get("type")), territories[alias.get("replacement")][:1])
    better = {code: list(dict.fromkeys([name, *names[code]])) for code, name in BETTER["en"].items()}
    return names | better


def local(cldr: Cldr, language: str, english: Mapping[str, str]) -> dict[str, str]:
    """The names of provinces in a language as addresses say them.

    Where that would be the name of two provinces of a country: as CLDR says them, and where even that is, not at all.
    """
    path = f"subdivisions/{SUBDIVISION_FILES.get(language, language)}.xml"
    every = {hyphened(code): found[0] for code, found in cldr.names(path, "subdivision").items()}
    told = {code: name for code, name in every.items() if code in english}
    kind = re.compile(KINDS.get(language, r"(?!)"), re.IGNORECASE)
    short = {code: kind.sub("", name, count=1) if kind.match(name) else name for code, name in told.items()}
    better = BETTER.get(language, {})
    names = short | better
    names |= {code: told[code] for code in (shared(dict(english) | names) & told.keys()) - better.keys()}
    unclear = shared(dict(english) | names) - better.keys()
    return {code: name for code, name in names.items() if code not in unclear}


def shared(names: Mapping[str, str]) -> set[str]:
    """The codes whose name another province of the country has, too."""
    often = Counter((code[:2], plain(name)) for code, name in names.items())
    return {code for code, name in names.items() if often[code[:2], plain(name)] > 1}


def spoken(cldr: Cldr) -> dict[str, set[str]]:
    """The countries by language in which it is official."""
    found: dict[str, set[str]] = {}
    for territory in cldr.read("supplemental/supplementalData.xml").iterfind(".//territoryInfo/territory"):
        for language in territory.iterfind("languagePopulation[@officialStatus]"):
            found.setdefault(language.get("type").replace("_", "-"), set()).add(territory.get("type"))
    return found


def write(path: str, cldr: Cldr, what: str, rows: Mapping[str, Iterable[object]]) -> None:
    """One table: a code and what belongs to it in each line, parted by tabs."""
    head = (
        f"# {what}\n"
        f"# Source: Unicode CLDR {cldr.release}, Copyright Unicode, Inc., SPDX-License-Identifier: Unicode-3.0\n"
        "# Written by .ci/places.py; do not edit.\n"
    )
    lines = ["\t".join(map(str, (code, *rows[code]))) + "\n" for code in sorted(rows)]
    (DATA / path).write_text(head + "".join(lines), encoding="utf-8", newline="\n")


def main(folder: str) -> None:
    """Write every table."""
    cldr = Cldr(Path(folder))
    iso = countries(cldr)
    lands = cldr.names("main/en.xml", "territory", letters=2)
    every = {code: names for code, names in provinces(cldr, lands).items() if code[:2] in iso}
    current = {code for code in map(hyphened, cldr.ids("subdivision", "regular")) if code in every}
    gone = renamed(cldr, every, current)
    english = {code: names for code, names in every.items() if code not in gone}
    write("countries.txt", cldr, "ISO 3166-1: alpha-2, alpha-3, number", iso)
    write(
        "currencies.txt", cldr, "ISO 4217: code, digits after the point", {c: [d] for c, d in currencies(cldr).items()}
    )
    write(
        "retired.txt",
        cldr,
        "ISO 3166-2: retired code, and the present one if the province goes on unchanged",
        {code: [] for code in english.keys() - current} | {old: [new] for old, new in gone.items()},
    )
    official = spoken(cldr)
    for language in LANGUAGES.split():
        rows = {code: names for code, names in countries_in(cldr, language).items() if code in iso}
        where = official.get(language, set()) | NAMED_EVERYWHERE
        found = local(cldr, language, {code: english[code][0] for code in current})
        rows |= {c: [name] for c, name in found.items() if c[:2] in where and name != english[c][0]}
        rows |= english if language == "en" else {}
        write(f"names/{language}.txt", cldr, f"Names of countries and provinces, language {language}", rows)


def countries_in(cldr: Cldr, language: str) -> dict[str, list[str]]:
    """The names of countries in a language; both written forms of Norwegian rest on one file."""
    names = cldr.names(f"main/{language.replace('-', '_')}.xml", "territory", letters=2)
    return cldr.names("main/no.xml", "territory", letters=2) | names if language in {"nb", "nn"} else names


if __name__ == "__main__":
    main(*sys.argv[1:])
