from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.errors import InputError
from fieldkit.gpx import CHUNK_POINTS, GAP_S, Fix, chunks, read_gpx

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def _file(tmp_path: Path, points: str, head: str = "", version: str = "1/1") -> Path:
    path = tmp_path / "t.gpx"
    path.write_text(
        f'<?xml version="1.0"?>{head}<gpx xmlns="http://www.topografix.com/GPX/{version}">'
        f"<trk><trkseg>{points}</trkseg></trk></gpx>",
        encoding="utf-8",
    )
    return path


def _point(seconds: float, lat: object = 30.27, lon: object = 120.15, inner: str = "") -> str:
    at = (START + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    return f'<trkpt lat="{lat}" lon="{lon}"><time>{at}</time>{inner}</trkpt>'


@pytest.mark.parametrize("version", ["1/0", "1/1"])
def test_points_in_time_order(tmp_path: Path, version: str) -> None:
    path = _file(tmp_path, _point(10, 30.2) + _point(0, 30.1), version=version)
    assert read_gpx(path) == [
        Fix(START, 30.1, 120.15),
        Fix(START + timedelta(seconds=10), 30.2, 120.15),
    ]


@pytest.mark.parametrize(
    ("inner", "acc"),
    [
        ("<extensions><accuracy>4.5</accuracy></extensions>", 4.5),
        ("<extensions><x:accuracy xmlns:x='u'>8</x:accuracy></extensions>", 8.0),
        ("<extensions><accuracy>far</accuracy></extensions>", None),
        ("<extensions><accuracy>-1</accuracy></extensions>", None),
        ("<extensions><accuracy>nan</accuracy></extensions>", None),
        ("<hdop>1.2</hdop>", None),
    ],
)
def test_accuracy_where_a_logger_wrote_it(tmp_path: Path, inner: str, acc: float | None) -> None:
    assert read_gpx(_file(tmp_path, _point(0, inner=inner)))[0].acc == acc


@pytest.mark.parametrize(
    "bad",
    [
        '<trkpt lat="30" lon="120"/>',
        '<trkpt lat="30" lon="120"><time>noon</time></trkpt>',
        _point(5, lat="north"),
        _point(5, lat=91),
        _point(5, lon=-180.1),
        _point(5, lat="nan"),
        f"<trkpt lon='1'><time>{START.isoformat()}</time></trkpt>",
    ],
)
def test_a_bad_point_is_left_out(tmp_path: Path, bad: str) -> None:
    assert len(read_gpx(_file(tmp_path, bad + _point(0)))) == 1
    with pytest.raises(InputError) as caught:
        read_gpx(_file(tmp_path, bad))
    assert caught.value.key == "no_points"


def test_a_time_without_a_zone_is_utc(tmp_path: Path) -> None:
    path = _file(tmp_path, '<trkpt lat="1" lon="2"><time>2026-11-22T06:00:00</time></trkpt>')
    assert read_gpx(path)[0].at == START


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE gpx [<!ENTITY a "aaaa">]>',
        '<!DOCTYPE gpx SYSTEM "file:///etc/passwd">',
        "<!DOCTYPE gpx>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(tmp_path: Path, head: str, encoding: str) -> None:
    path = tmp_path / "t.gpx"
    text = f'<?xml version="1.0" encoding="{encoding}"?>{head}<gpx>{_point(0)}</gpx>'
    path.write_text(text, encoding=encoding)
    with pytest.raises(InputError) as caught:
        read_gpx(path)
    assert caught.value.key == "bad_gpx"
    assert "DOCTYPE" in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"<gpx>", b"\xff\xd8\xff", b'<?xml version="1.0" encoding="klingon"?><gpx/>']
)
def test_what_is_no_xml(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.gpx"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_gpx(path)
    assert caught.value.key == "bad_gpx"


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_gpx(tmp_path / "missing.gpx")
    assert caught.value.key == "no_file"


def test_points_count_from_the_start_and_gaps_are_gaps() -> None:
    seconds = [0, 30.5, 90.5, 151, 160]
    (chunk,) = chunks([Fix(START + timedelta(seconds=s), 30.12345678, 120.0) for s in seconds])
    assert chunk.at == START
    assert [point[0] for point in chunk.points] == [0, 30.5, 90.5, 151, 160]
    assert chunk.points[0] == [0, 30.123457, 120.0, None]
    assert chunk.gaps == [[90.5, 151, "no_fix"]]


def test_a_gap_between_two_chunks_belongs_to_the_earlier() -> None:
    seconds = [*range(CHUNK_POINTS), CHUNK_POINTS + 500]
    first, second = chunks([Fix(START + timedelta(seconds=s), 30, 120) for s in seconds])
    assert len(first.points) == CHUNK_POINTS
    assert first.gaps == [[CHUNK_POINTS - 1, CHUNK_POINTS + 500, "no_fix"]]
    assert (second.at, second.gaps) == (START + timedelta(seconds=CHUNK_POINTS + 500), [])


@given(st.lists(st.integers(0, 200), max_size=3 * CHUNK_POINTS))
def test_no_point_and_no_gap_is_lost_or_doubled(steps: list[int]) -> None:
    at, fixes = START, []
    for step in steps:
        at += timedelta(seconds=step)
        fixes.append(Fix(at, 30, 120))
    cut = chunks(fixes)
    times = [chunk.at + timedelta(seconds=point[0]) for chunk in cut for point in chunk.points]
    assert times == [fix.at for fix in fixes]
    assert sum(len(chunk.gaps) for chunk in cut) == sum(step > GAP_S for step in steps[1:])
