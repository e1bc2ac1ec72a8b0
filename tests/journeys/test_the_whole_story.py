"""A day in the field, from the code on the supervisor's screen to the verified task.

Promised: what a worker does without a network arrives whole at the first exchange, with its photos;
a task given meanwhile comes down in the same round trip; every step of it has its event; and the
receipts that the phone was given prove it without the server.
"""

import pytest

from fieldkit.errors import Offline
from fieldkit.receipts import Receipts
from fieldkit.verify import check
from fieldkit.wire import decode_base64
from tests.journeys.world import Device, World

PLAN = [{"what": "消防通道", "count": 2}]
RESULTS = [{"what": "消防通道", "done": 2, "note": "一处堵塞"}]


def shift_without_network(device: Device) -> list[str]:
    """Sign in, report twice with photos, sign out; the ids of the four items."""
    now, loc = device.clock.now, {"lat": 30.005, "lon": 120.005, "acc": 8}
    acts = device.acts
    return [
        acts.start_shift(at=now(), plan=PLAN, loc=loc).id,
        acts.report("01-10", "暴露垃圾", photos=[device.photo("red")], loc=loc).id,
        acts.report(
            "02-03", "通道堵塞", photos=[device.photo("green"), device.photo("blue")], loc=loc
        ).id,
        acts.end_shift(at=now(), results=RESULTS, loc=loc).id,
    ]


def test_a_day_in_the_field(world: World) -> None:
    supervisor, device = world.supervisor, world.device()
    worker = world.street.workers[0]
    captured = shift_without_network(device)
    task = world.push(title="清理消防通道")
    assert supervisor.get(f"/tasks/{task}")["state"] == "assigned"

    report = device.sync()

    assert (report.sent, report.tray, report.uploaded) == (4, 0, 3)
    assert all(device.verdict(item) == ("sent", "accepted") for item in captured)
    assert device.tasks()[task]["title"] == "清理消防通道"

    device.acts.act_on(device.tasks()[task], "accept")
    device.sync()
    assert [event["action"] for event in supervisor.get(f"/tasks/{task}")["events"]] == [
        "assign",
        "deliver",
        "accept",
    ]
    device.acts.act_on(device.tasks()[task], "start")
    done = device.acts.act_on(
        device.tasks()[task], "complete", result="已清理", photos=[device.photo("white")]
    )
    device.sync()
    assert device.tasks()[task]["state"] == "done"
    supervisor.change(f"/tasks/{task}", "verify")
    device.sync()
    assert device.tasks()[task]["state"] == "verified"

    events = supervisor.get(f"/tasks/{task}")["events"]
    assert [event["no"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert [(event["action"], event["from"], event["to"]) for event in events] == [
        ("assign", None, "assigned"),
        ("deliver", "assigned", "delivered"),
        ("accept", "delivered", "accepted"),
        ("start", "accepted", "in_progress"),
        ("complete", "in_progress", "done"),
        ("verify", "done", "verified"),
    ]
    install = device.store.need("install")
    assert [event["actor"] for event in events] == [
        world.street.supervisor,
        *[worker] * 4,
        world.street.supervisor,
    ]
    assert [event["install"] for event in events] == [None, *[install] * 4, None]
    assert events[4]["item"] == done.id

    everything = {item["id"]: item for item in supervisor.items(member=worker)}
    assert everything.keys() == device.lines().keys()
    for id_, line in device.lines().items():
        shown = supervisor.get(f"/items/{id_}")
        assert shown["raw"].encode() == line
        assert (shown["status"], shown["flags"]) == ("accepted", [])
    (shift,) = supervisor.get(f"/shifts?member={worker}")["results"]
    assert (shift["state"], shift["plan"], shift["results"]) == ("closed", PLAN, RESULTS)
    assert (shift["start_item"], shift["end_item"]) == (captured[0], captured[3])
    assert len(supervisor.get(f"/reports?member={worker}")["results"]) == 2


def test_the_photos_are_with_the_server_and_shown_to_the_supervisor(world: World) -> None:
    supervisor, device = world.supervisor, world.device()
    photo = device.photo("red")
    item = device.acts.report("01-10", "暴露垃圾", photos=[photo]).id

    device.client.exchange()

    assert supervisor.get(f"/items/{item}")["photos"] == "pending"
    assert supervisor.ask("GET", f"/media/{photo.sha256}").status == 404
    assert device.sync().uploaded == 1
    shown = supervisor.get(f"/items/{item}")
    assert (shown["photos"], shown["media"][0]["stored"]) == ("complete", True)
    served = supervisor.ask("GET", f"/media/{photo.sha256}")
    assert served.body == device.store.media_path(photo.sha256).read_bytes()
    assert served.headers["content-type"] == "image/jpeg"


def test_the_receipts_prove_it_without_the_server(world: World) -> None:
    device = world.device()
    for _ in range(3):
        device.acts.report("01-10", "暴露垃圾")
        device.sync()

    receipts = Receipts(device.store).all()

    key = decode_base64(device.store.need("server_key"))
    assert [receipt.no for receipt in receipts] == [1, 2, 3]
    assert check(receipts, key) == []
    handed_in = [digest for receipt in receipts for digest, _ in receipt.lines]
    rows = device.store.rows("SELECT sha256 FROM items ORDER BY n")
    assert handed_in == [row["sha256"] for row in rows]


def test_the_supervisor_sees_what_is_still_on_the_phone(world: World) -> None:
    supervisor, device = world.supervisor, world.device()
    world.push()
    device.sync()
    device.sync()
    install = device.store.need("install")
    shown = supervisor.get(f"/devices/{install}")
    assert (shown["outbox"]["items"], shown["undelivered"]) == (0, 0)

    world.push()
    device.acts.report("01-10", "暴露垃圾")
    with pytest.raises(Offline):
        device.sync("unanswered")
    shown = supervisor.get(f"/devices/{install}")
    assert (shown["outbox"]["items"], shown["undelivered"]) == (1, 1)
    device.sync()
    device.sync()
    shown = supervisor.get(f"/devices/{install}")
    assert (shown["outbox"]["items"], shown["undelivered"]) == (0, 0)
