"""Catalogues (目录): codes of the form that their standard has, each once."""

from collections.abc import Iterator, Mapping
from typing import Any

from server.packs.checks.found import Found, twice
from server.packs.definition import Catalog, Major, Minor, Pack
from server.packs.mistakes import Path

MINOR_DIGITS = {"GB/T 30428.2": 2, "GB/T 47678.5": 3}
"""Digits of a minor by standard: CJ/T 214 and GB/T 30428.2 have two, GB/T 47678.5 three."""
FIRST_LOCAL = 80
"""GB/T 47678.5: minors 001 to 079 are the standard's, 080 to 999 local."""


def minor_digits(standard: str) -> int | None:
    """How many digits a minor has; None for a standard without such a rule here."""
    found = [digits for name, digits in MINOR_DIGITS.items() if standard.startswith(name)]
    return found[0] if found else None


def catalogs(pack: Pack, _data: Mapping[str, Any]) -> Iterator[Found]:
    seen: set[tuple[str, str]] = set()
    for index, catalog in enumerate(pack.catalogs):
        path: Path = ("catalogs", index)
        key = (catalog.standard, catalog.kind)
        if key in seen:
            yield Found(path, "catalog_twice", {"value": " ".join(key)})
        seen.add(key)
        yield from _catalog(path, catalog)


def _catalog(path: Path, catalog: Catalog) -> Iterator[Found]:
    majors = [((*path, "majors", no, "code"), one.code) for no, one in enumerate(catalog.majors)]
    yield from twice(majors)
    for where, code in majors:
        if not _digits(code, 2):
            yield Found(where, "major_format", {"value": code})
    for no, major in enumerate(catalog.majors):
        yield from _minors((*path, "majors", no, "minors"), catalog.standard, major)
    minors = sum(len(major.minors) for major in catalog.majors)
    if catalog.majors and catalog.expects not in (None, (len(catalog.majors), minors)):
        values = {"majors": len(catalog.majors), "minors": minors}
        yield Found((*path, "expects"), "expects_differ", values)


def _minors(path: Path, standard: str, major: Major) -> Iterator[Found]:
    yield from twice(((*path, no, "code"), one.code) for no, one in enumerate(major.minors))
    for no, minor in enumerate(major.minors):
        yield from minor_mistakes((*path, no), standard, minor)
        conditions = enumerate(minor.conditions)
        yield from twice(((*path, no, "conditions", i, "code"), one.code) for i, one in conditions)


def minor_mistakes(path: Path, standard: str, minor: Minor) -> Iterator[Found]:
    """What is wrong with the code of one minor under its standard."""
    digits = minor_digits(standard)
    if digits is None:
        return
    if not _digits(minor.code, digits):
        example = "1".zfill(digits)
        values = {
            "standard": standard,
            "digits": digits,
            "value": minor.code,
            "example": example,
        }
        yield Found((*path, "code"), "minor_format", values)
    elif digits == 3 and int(minor.code) >= FIRST_LOCAL and not minor.is_local:
        yield Found((*path, "code"), "minor_not_local", {"value": minor.code})


def _digits(code: str, count: int) -> bool:
    return len(code) == count and code.isascii() and code.isdigit()
