from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from fieldkit import clock
from fieldkit.clock import FakeClock, SystemClock, iso


def test_the_wall_clock_knows_its_offset() -> None:
    assert SystemClock().now().utcoffset() is not None


def test_time_since_boot_does_not_go_back() -> None:
    system = SystemClock()
    assert 0 < system.mono() <= system.mono()


def test_boot_is_stable_where_the_kernel_does_not_tell(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "_BOOT_FILE", tmp_path / "missing")
    assert SystemClock().boot() == SystemClock().boot() != ""


@pytest.mark.parametrize(
    ("tz", "link", "expected"),
    [
        ("Asia/Shanghai", "/nowhere", "Asia/Shanghai"),
        (":Asia/Urumqi", "/nowhere", "Asia/Urumqi"),
        ("", "/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("", "/nowhere", datetime.now().astimezone().isoformat()[-6:]),
    ],
)
def test_the_zone_by_its_name_else_by_its_offset(monkeypatch, tz, link, expected) -> None:
    monkeypatch.setenv("TZ", tz)
    monkeypatch.setattr(clock, "_ZONE_LINK", Path(link))
    assert SystemClock().timezone() == expected


def test_the_fake_clock_moves_only_when_told() -> None:
    fake = FakeClock(datetime(2026, 11, 22, 8, tzinfo=UTC), mono=500)
    assert (fake.now(), fake.mono()) == (fake.now(), 500)
    fake.sleep(1.5)
    assert (fake.now().second, fake.mono()) == (1, 2000)


def test_a_drifting_phone_shows_another_time_but_the_same_mono() -> None:
    right, wrong = FakeClock(), FakeClock(drift_ms=-180_000)
    assert right.now() - wrong.now() == timedelta(minutes=3)
    assert right.mono() == wrong.mono()


def test_reboot_changes_the_boot_and_starts_mono_again() -> None:
    fake = FakeClock()
    before = fake.boot()
    fake.reboot()
    assert fake.boot() != before
    assert fake.mono() == 0


def test_instants_are_written_with_milliseconds_and_offset() -> None:
    moment = datetime(2026, 11, 22, 14, 5, 12, tzinfo=timezone(timedelta(hours=8)))
    assert iso(moment) == "2026-11-22T14:05:12.000+08:00"
