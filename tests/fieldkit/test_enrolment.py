import pytest

from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import BadAnswer, InputError, NotEnrolled, Offline, ProblemError
from fieldkit.store import Store
from tests.fieldkit.conftest import ADDRESS
from tests.fieldkit.fakeserver import FakeServer, LossyTransport

OTHER = {"id": "0199c0de-0000-7000-8000-0000000000bb", "name": "李网格"}


@pytest.mark.parametrize(
    ("address", "code"),
    [("https://gewu.example/app#enrol=K7Q2", None), ("https://gewu.example/", "K7Q2")],
)
def test_a_code_becomes_a_token(store: Store, network, clock, server, address, code) -> None:
    member = Client(store, network, clock).enroll(address, code)
    assert member == server.member
    assert store.need("url") == "https://gewu.example"
    assert server.installs[store.need("token")] == store.need("install")
    assert store.need("epoch") == server.epoch
    assert store.need("server_key")


def test_the_device_describes_itself(store: Store, network, clock, server) -> None:
    seen = {}
    handle = server.handle

    def spy(method, target, headers, body):
        if target.endswith("/enroll"):
            seen.update(server=body)
        return handle(method, target, headers, body)

    server.handle = spy
    Client(store, network, clock).enroll(ADDRESS, device={"model": "手持机"})
    text = seen["server"].decode()
    assert '"model":"手持机"' in text
    assert '"timezone":"Asia/Shanghai"' in text


def test_a_used_code_leaves_the_device_as_it_was(client: Client, store: Store) -> None:
    token = store.need("token")
    with pytest.raises(ProblemError) as caught:
        client.enroll(ADDRESS)
    assert caught.value.status == 410
    assert store.need("token") == token


def test_without_a_code_nothing_is_asked(store: Store, network, clock, server) -> None:
    with pytest.raises(InputError) as caught:
        Client(store, network, clock).enroll("https://gewu.example")
    assert caught.value.key == "no_code"
    assert server.requests == []


def test_an_answer_without_a_token_enrols_nothing(store: Store, network, clock, server) -> None:
    server.faults.append(server.ok({"member": OTHER, "epoch": "e"}, 201))
    with pytest.raises(BadAnswer):
        Client(store, network, clock).enroll(ADDRESS)
    with pytest.raises(NotEnrolled):
        store.need("token")


def test_a_cut_after_the_token_pins_the_key_at_the_next_sync(
    store: Store, network: LossyTransport, clock
) -> None:
    client = Client(store, network, clock)
    network.script.extend(["well", "lost"])
    client.enroll(ADDRESS)
    assert store.get("server_key") is None
    client.sync()
    assert store.get("server_key")


def test_enrolling_anew_with_an_empty_queue_counts_from_1(
    client: Client, server: FakeServer, store: Store
) -> None:
    install = store.need("install")
    client.outbox.capture("report", {})
    client.sync()
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    assert store.need("install") != install
    assert client.outbox.capture("report", {}).seq == 1


def test_queued_lines_travel_under_the_new_install_with_numbers_never_given_twice(
    client: Client, server: FakeServer, network: LossyTransport
) -> None:
    client.outbox.capture("report", {})
    server.installs.clear()
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    assert client.outbox.capture("report", {}).seq == 2
    assert client.sync().sent == 2


def test_enrolling_anew_on_a_restored_server_offers_what_it_once_acknowledged(
    client: Client, server: FakeServer, store: Store
) -> None:
    lost = client.outbox.capture("report", {})
    client.sync()
    server.items.clear()
    server.installs.clear()
    server.epoch = "another"
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    assert client.outbox.capture("report", {}).seq == 2
    assert client.sync().sent == 2
    assert lost.id in server.items


def test_another_member_neither_sees_nor_sends_what_was_left(
    client: Client, server: FakeServer, store: Store, jpeg
) -> None:
    server.put("task", "t1", {})
    client.sync()
    left = client.outbox.capture("report", {}, media=[take_in(store, jpeg())])
    first_member, server.member = server.member, OTHER
    server.feed.clear()
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    assert client.inbox.objects("task") == []
    assert client.sync().sent == 0
    assert client.outbox.of_others() == 1
    assert server.blobs == {}
    server.member = first_member
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    report = client.sync()
    assert (report.sent, report.uploaded) == (1, 1)
    assert left.id in server.items


def test_an_open_shift_is_not_handed_over(client: Client, server: FakeServer, store: Store) -> None:
    store.set("shift", {"id": "s", "started": "x", "ended": None})
    server.codes.update({"K7Q2"})
    client.enroll(ADDRESS)
    assert store.get("shift")
    server.member = OTHER
    server.codes.add("K7Q2")
    client.enroll(ADDRESS)
    assert store.get("shift") is None


def test_offline_enrolment_spends_nothing(store: Store, network: LossyTransport, clock) -> None:
    network.script.append("lost")
    with pytest.raises(Offline):
        Client(store, network, clock).enroll(ADDRESS)
    with pytest.raises(NotEnrolled):
        store.need("install")
