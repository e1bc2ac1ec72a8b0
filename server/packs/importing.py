"""An official directory (部件、事件目录) as CSV turned into the `catalogs` block of a pack.

The first line names the columns, in Chinese or English; each further line is a minor. Codes that
a spreadsheet has robbed of their zeros get them back; `01-10`, `0110` and `10` name one minor.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from server.packs.checks.directories import FIRST_LOCAL, minor_digits, minor_mistakes
from server.packs.definition import Catalog, Major, Minor
from server.packs.mistakes import Mistake, PackMistakes

STANDARDS = ("GB/T 30428.2-2013", "GB/T 47678.5-2026")
MOST_NAME = 100
COLUMNS = {
    "major": ("大类代码", "major"),
    "major_name": ("大类名称", "大类", "major_name"),
    "minor": ("小类代码", "minor"),
    "minor_name": ("小类名称", "小类", "minor_name"),
    "department": ("责任部门", "主管部门", "department"),
}
"""Columns by what they are called in the first line; the last may be missing."""
OPTIONAL = {"department"}


def catalog(raw: bytes, standard: str, kind: str) -> Catalog:
    """The directory in a CSV file (UTF-8 or GB18030); PackMistakes names every bad line."""
    text = text_of(raw)
    if text is None:
        raise PackMistakes([Mistake(1, "", "csv_encoding")])
    reading = _Reading(standard)
    for line, row in reading.rows(text):
        reading.take(line, row)
    if not reading.majors and not reading.mistakes:
        reading.wrong(1, "csv_nothing")
    if reading.mistakes:
        raise PackMistakes(reading.mistakes)
    majors = (Major(code, one.name, tuple(one.minors)) for code, one in reading.majors.items())
    return Catalog(standard, kind, tuple(majors))


def block(made: Catalog) -> str:
    """The `catalogs:` block of YAML that says this directory."""
    majors = [
        {"code": one.code, "name": one.name, "minors": [_minor(minor) for minor in one.minors]}
        for one in made.majors
    ]
    listed = {"standard": made.standard, "kind": made.kind, "majors": majors}
    return yaml.safe_dump(
        {"catalogs": [listed]},
        allow_unicode=True,
        sort_keys=False,
        width=1000,
        default_flow_style=None,
    )


def _minor(minor: Minor) -> dict[str, Any]:
    made: dict[str, Any] = {"code": minor.code, "name": minor.name}
    if minor.department:
        made["department"] = minor.department
    return made | {"is_local": True} if minor.is_local else made


def text_of(raw: bytes) -> str | None:
    """The text of a CSV file as spreadsheets write it, in UTF-8 or GB18030; None in neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


@dataclass(slots=True)
class _Open:
    """A major that is being filled."""

    name: str
    minors: list[Minor] = field(default_factory=list)


class _Reading:
    """What was read so far, and what was wrong."""

    def __init__(self, standard: str) -> None:
        self.standard = standard
        self.digits = minor_digits(standard) or 2
        self.majors: dict[str, _Open] = {}
        self.mistakes: list[Mistake] = []

    def wrong(self, line: int, code: str, column: str = "", **values: Any) -> None:
        self.mistakes.append(Mistake(line, column, code, values))

    def rows(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        """(line, cells by column) of every line that has the cells of the header."""
        delimiter = "\t" if "\t" in text.split("\n", 1)[0] else ","
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        header: list[str | None] | None = None
        line = 1
        try:
            for cells in lines:
                if header is None:
                    header = self._header(cells)
                    if header is None:
                        return
                elif any(cell.strip() for cell in cells):
                    yield from self._row(line, header, cells)
                line = lines.line_num + 1
        except csv.Error as error:
            self.wrong(line, "csv_unreadable", reason=str(error))

    def _header(self, cells: Iterable[str]) -> list[str | None] | None:
        names = {word: name for name, words in COLUMNS.items() for word in words}
        header = [names.get(cell.strip()) for cell in cells]
        missing = [COLUMNS[name] for name in COLUMNS if name not in header and name not in OPTIONAL]
        if missing:
            self.wrong(1, "csv_header", missing=[words[0] for words in missing])
            return None
        return header

    def _row(
        self, line: int, header: list[str | None], cells: list[str]
    ) -> Iterator[tuple[int, dict[str, str]]]:
        if len(cells) != len(header):
            self.wrong(line, "csv_columns", count=len(cells), wanted=len(header))
            return
        pairs = zip(header, cells, strict=True)
        yield line, {name: cell.strip() for name, cell in pairs if name is not None}

    def take(self, line: int, row: dict[str, str]) -> None:
        """Put one minor where it belongs, or note what is wrong with its line."""
        before = len(self.mistakes)
        for column in ("major_name", "minor_name"):
            if not 1 <= len(row[column]) <= MOST_NAME:
                self.wrong(line, "text_length", column, count=len(row[column]), most=MOST_NAME)
        major = row["major"].zfill(2)
        if not (len(major) == 2 and major.isascii() and major.isdigit()):
            self.wrong(line, "major_format", "major", value=row["major"])
        minor = self._as_minor(major, row)
        for found in minor_mistakes((), self.standard, minor):
            self.wrong(line, found.code, "minor", **found.values)
        if len(self.mistakes) == before:
            self._place(line, major, row["major_name"], minor)

    def _as_minor(self, major: str, row: dict[str, str]) -> Minor:
        code = row["minor"].replace("-", "")
        if len(code) == 2 + self.digits and code.startswith(major):
            code = code[2:]
        code = code.zfill(self.digits)
        is_local = self.digits == 3 and code.isdigit() and int(code) >= FIRST_LOCAL
        return Minor(code, row["minor_name"], row.get("department", ""), is_local)

    def _place(self, line: int, code: str, name: str, minor: Minor) -> None:
        major = self.majors.setdefault(code, _Open(name))
        if major.name != name:
            self.wrong(
                line, "major_renamed", "major_name", major=code, other=major.name, value=name
            )
        if minor.code in {one.code for one in major.minors}:
            self.wrong(line, "code_twice", "minor", value=f"{code}-{minor.code}")
        else:
            major.minors.append(minor)
