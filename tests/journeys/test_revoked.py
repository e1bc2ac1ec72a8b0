"""A phone is taken back with 300 items in its outbox, in both ways there are.

Promised: `drain` lets it hand in everything and gives it nothing but the order to wipe itself,
which it obeys only when its outbox is empty. `now` answers 401 at once, and the queue stays on the
phone. The road by which that queue still comes in: the same member enrols the same phone again; the
new install hands in what the old one captured. Enrolled for another member, it keeps the queue back
until its owner enrols there again.
"""

import pytest

from fieldkit.errors import NotEnrolled, Offline, Unauthorized
from tests.journeys.world import Device, World

QUEUED = 300


@pytest.fixture
def phone(world: World) -> Device:
    """A phone with 300 reports, none of them handed in."""
    device = world.device()
    with device.store.write():
        for number in range(QUEUED):
            device.acts.report("01-10", f"第{number}处")
    return device


def revoke(world: World, device: Device, mode: str) -> None:
    install = device.store.need("install")
    shown = world.supervisor.post(f"/devices/{install}/revoke", {"mode": mode}, 200)
    assert shown["state"] == {"drain": "draining", "now": "revoked"}[mode]


def check_all_handed_in(world: World, lines: dict[str, bytes]) -> None:
    supervisor = world.supervisor
    assert {item["id"] for item in supervisor.items()} == lines.keys()
    for id_ in list(lines)[::50]:
        assert supervisor.get(f"/items/{id_}")["raw"].encode() == lines[id_]


def test_a_drained_phone_hands_in_all_and_wipes_itself(world: World, phone: Device) -> None:
    lines = phone.lines()
    world.push()
    revoke(world, phone, "drain")

    report = phone.sync()

    assert (report.sent, report.tray, report.wiped) == (QUEUED, 0, True)
    check_all_handed_in(world, lines)
    assert phone.lines() == {}
    assert list(phone.store.media_folder.iterdir()) == []
    with pytest.raises(NotEnrolled):
        phone.client.exchange()


def test_a_drained_phone_gets_nothing_but_the_order_to_wipe(world: World, phone: Device) -> None:
    world.push()
    revoke(world, phone, "drain")

    step = phone.client.exchange()

    assert (step.sent, step.taken, step.more) == (100, 1, False)
    assert phone.tasks() == {}
    (command,) = phone.client.inbox.objects("command")
    assert command["command"] == "wipe"


def test_it_does_not_wipe_itself_before_its_outbox_is_empty(world: World) -> None:
    phone = world.device()
    item = phone.acts.report("01-10", "有照片", photos=[phone.photo("red")]).id
    revoke(world, phone, "drain")

    with pytest.raises(Offline):
        phone.sync("well", "lost")

    assert phone.client.inbox.ordered("wipe")
    assert phone.store.unsent() == 1
    assert phone.store.wipe() is False
    report = phone.sync()
    assert (report.uploaded, report.wiped) == (1, True)
    assert world.supervisor.get(f"/items/{item}")["photos"] == "complete"


def test_a_drained_phone_may_be_shut_out_but_never_comes_back(world: World, phone: Device) -> None:
    revoke(world, phone, "drain")
    phone.client.exchange()
    revoke(world, phone, "now")

    with pytest.raises(Unauthorized):
        phone.sync()

    install = phone.store.need("install")
    refused = world.supervisor.ask("POST", f"/devices/{install}/revoke", {"mode": "drain"})
    assert (refused.status, refused.code) == (409, "state_illegal")
    assert world.supervisor.get(f"/devices/{install}")["state"] == "revoked"
    assert len(phone.lines("queued")) == QUEUED - 100


def test_a_phone_shut_out_at_once_keeps_its_queue(world: World, phone: Device) -> None:
    revoke(world, phone, "now")

    with pytest.raises(Unauthorized) as refused:
        phone.sync()

    assert (refused.value.status, refused.value.code) == (401, "unauthorized")
    assert len(phone.lines("queued")) == QUEUED
    assert world.supervisor.items() == []


def test_the_queue_comes_in_when_its_member_enrols_the_phone_again(
    world: World, phone: Device
) -> None:
    before = phone.store.need("install")
    revoke(world, phone, "now")
    with pytest.raises(Unauthorized):
        phone.sync()

    phone.client.enroll(world.code())
    report = phone.sync()

    assert (report.sent, report.tray, report.warnings) == (QUEUED, 0, [])
    check_all_handed_in(world, phone.lines())
    installs = {item["install"] for item in world.supervisor.items()}
    assert installs == {phone.store.need("install")}
    assert before not in installs


def test_another_member_on_the_phone_does_not_hand_in_what_is_not_his(
    world: World, phone: Device
) -> None:
    revoke(world, phone, "now")
    phone.client.enroll(world.code(1))
    own = phone.acts.report("01-10", "自己的").id

    assert phone.sync().sent == 1
    assert {item["id"] for item in world.supervisor.items()} == {own}
    assert phone.client.outbox.of_others() == QUEUED

    phone.client.enroll(world.code(0))
    assert phone.sync().sent == QUEUED
    owners = {item["member"] for item in world.supervisor.items() if item["id"] != own}
    assert owners == {world.street.workers[0]}
