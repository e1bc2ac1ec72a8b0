"""Official directories from CSV: codes, encodings, and every bad line."""

import pytest

from server.packs.definition import Catalog, Major, Minor
from server.packs.importing import block, catalog
from server.packs.mistakes import PackMistakes
from server.packs.reading import read
from tests.packs.mistaken import HEAD

OLD, NEW = "GB/T 30428.2-2013", "GB/T 47678.5-2026"
HEADER = "大类代码,大类名称,小类代码,小类名称,责任部门\n"
SAMPLE = HEADER + (
    "01,市容环境,10,暴露垃圾,环卫处\n"
    "1,市容环境,1,私搭乱建,\n"
    "01,市容环境,0198,垃圾满溢,\n"
    '02,宣传广告,02-01,"非法,小广告",城管\n'
)
MADE = Catalog(
    OLD,
    "event",
    (
        Major(
            "01",
            "市容环境",
            (
                Minor("10", "暴露垃圾", "环卫处"),
                Minor("01", "私搭乱建"),
                Minor("98", "垃圾满溢"),
            ),
        ),
        Major("02", "宣传广告", (Minor("01", "非法,小广告", "城管"),)),
    ),
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_directory_in_the_encodings_of_spreadsheets(encoding: str, end: str) -> None:
    assert catalog(SAMPLE.replace("\n", end).encode(encoding), OLD, "event") == MADE


def test_english_columns_in_any_order_with_others_between_and_tabs() -> None:
    text = "minor_name\tnote\tminor\tmajor\tmajor_name\n暴露垃圾\tx\t010\t06\t市容环境\n\n"
    made = catalog(text.encode(), NEW, "event")
    assert made.majors == (Major("06", "市容环境", (Minor("010", "暴露垃圾"),)),)


def test_local_minors_of_the_new_standard_are_marked() -> None:
    lines = "06,市容,79,甲,\n06,市容,080,乙,\n06,市容,06999,丙,\n"
    (major,) = catalog((HEADER + lines).encode(), NEW, "event").majors
    assert [(one.code, one.is_local) for one in major.minors] == [
        ("079", False),
        ("080", True),
        ("999", True),
    ]


@pytest.mark.parametrize("standard", [OLD, NEW])
def test_the_block_can_be_pasted_into_a_pack(standard: str) -> None:
    lines = SAMPLE if standard == OLD else HEADER + "06,市容,010,垃圾: #1,\n06,市容,999,null,\n"
    made = catalog(lines.encode(), standard, "event")
    assert read(HEAD + block(made)).catalogs == (made,)


BAD = [
    ("csv_header", 1, "大类代码,小类代码\n01,10\n"),
    ("csv_nothing", 1, HEADER),
    ("csv_nothing", 1, ""),
    ("csv_columns", 3, HEADER + "01,市容,10,甲,\n01,市容,11\n"),
    ("major_format", 2, HEADER + "001,市容,10,甲,\n"),
    ("major_format", 2, HEADER + "A,市容,10,甲,\n"),
    ("minor_format", 2, HEADER + "01,市容,100,甲,\n"),
    ("minor_format", 2, HEADER + "01,市容,²,甲,\n"),
    ("minor_format", 2, HEADER + "01,市容,0210,甲,\n"),
    ("text_length", 2, HEADER + "01,市容,10, ,\n"),
    ("code_twice", 3, HEADER + "01,市容,10,甲,\n01,市容,10,乙,\n"),
    ("major_renamed", 4, HEADER + '01,市容,10,"甲\n乙",\n01,环境,11,丙,\n'),
    ("csv_unreadable", 3, HEADER + '01,市容,10,甲,\n01,市容,11,"乙\n'),
]


@pytest.mark.parametrize(("code", "line", "text"), BAD, ids=[f"{c}-{n}" for c, n, _ in BAD])
def test_a_bad_line_is_named(code: str, line: int, text: str) -> None:
    with pytest.raises(PackMistakes) as caught:
        catalog(text.encode(), OLD, "event")
    assert [(one.code, one.line) for one in caught.value.mistakes] == [(code, line)]
    assert all(one.wrong and one.said("en")[1] for one in caught.value.mistakes)


def test_every_bad_line_is_named_at_once() -> None:
    text = HEADER + "x,市容,10,甲,\n01,市容,11,乙,\n01,市容,yy,丙,\n01,市容\n"
    with pytest.raises(PackMistakes) as caught:
        catalog(text.encode(), OLD, "event")
    assert [one.line for one in caught.value.mistakes] == [2, 4, 5]


def test_what_no_spreadsheet_writes_is_refused() -> None:
    with pytest.raises(PackMistakes) as caught:
        catalog(b"\xff\xff\xff", OLD, "event")
    assert [one.code for one in caught.value.mistakes] == ["csv_encoding"]
