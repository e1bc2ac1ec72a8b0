"""A phone was restored from a backup, and both copies go on under one install.

Promised: what either copy captures is taken, though their numbers collide; both are told to enrol
anew, the supervisor sees that the install forked, and after a new enrolment all is quiet again.
"""

from pathlib import Path

import pytest

from tests.journeys.world import Device, World


@pytest.fixture
def copies(world: World, tmp_path: Path) -> tuple[Device, Device]:
    """A phone that handed in two reports and holds a third, and its restored backup."""
    phone = world.device()
    phone.acts.report("01-10", "一")
    phone.acts.report("01-10", "二")
    phone.sync()
    phone.acts.report("01-10", "三", photos=[phone.photo("red")])
    return phone, world.switched_on(phone.back_up(tmp_path / "restored"))


def check_all_is_there(world: World, *devices: Device) -> None:
    """The server holds every item of every copy, byte for byte, and no other."""
    captured = {id_: line for device in devices for id_, line in device.lines().items()}
    supervisor = world.supervisor
    assert {item["id"] for item in supervisor.items()} == captured.keys()
    for id_, line in captured.items():
        assert supervisor.get(f"/items/{id_}")["raw"].encode() == line
    assert all(device.store.unsent() == 0 for device in devices)


def test_both_copies_hand_in_and_both_are_told(world: World, copies: tuple[Device, Device]) -> None:
    phone, copy = copies
    install = phone.store.need("install")
    phone.acts.report("01-10", "四，在原机")
    assert phone.sync().sent == 2
    assert "reenrol" not in phone.client.warnings()
    assert world.supervisor.get(f"/devices/{install}")["forked"] is False

    copied = copy.acts.report("01-10", "四，在副本").id
    report = copy.sync()

    assert (report.sent, report.tray) == (2, 0)
    assert copy.verdict(copied) == ("sent", "accepted")
    assert "reenrol" in report.warnings
    assert "reenrol" in phone.sync().warnings
    assert world.supervisor.get(f"/devices/{install}")["forked"] is True
    check_all_is_there(world, phone, copy)


def test_after_a_new_enrolment_all_is_quiet(world: World, copies: tuple[Device, Device]) -> None:
    phone, copy = copies
    phone.acts.report("01-10", "四，在原机")
    phone.sync()
    copy.acts.report("01-10", "四，在副本")
    copy.sync()
    waiting = copy.acts.report("01-10", "五，在副本").id

    copy.client.enroll(world.code())
    report = copy.sync()

    assert copy.store.need("install") != phone.store.need("install")
    assert report.warnings == []
    assert copy.verdict(waiting) == ("sent", "accepted")
    copy.acts.report("01-10", "六，在副本")
    assert copy.sync().warnings == []
    phone.acts.report("01-10", "五，在原机")
    assert "reenrol" in phone.sync().warnings
    phone.client.enroll(world.code())
    phone.acts.report("01-10", "六，在原机")
    assert phone.sync().warnings == []
    check_all_is_there(world, phone, copy)


def test_a_copy_that_captured_nothing_new_is_no_fork(
    world: World, copies: tuple[Device, Device]
) -> None:
    """The same items again are replays, whoever sends them."""
    phone, copy = copies
    phone.sync()

    report = copy.sync()

    assert (report.sent, report.warnings) == (1, [])
    check_all_is_there(world, phone, copy)


def test_the_photo_of_the_lost_original_comes_up_from_the_copy(
    world: World, copies: tuple[Device, Device]
) -> None:
    phone, copy = copies
    phone.client.exchange()
    (asked,) = phone.store.rows("SELECT * FROM media WHERE state = 'queued'")

    assert copy.sync().uploaded == 1

    item = copy.store.row("SELECT item FROM item_media WHERE sha256 = ?", (asked["sha256"],))
    assert item is not None
    assert world.supervisor.get(f"/items/{item['item']}")["photos"] == "complete"
