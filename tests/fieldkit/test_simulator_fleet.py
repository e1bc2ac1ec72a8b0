"""Whole fleets against the stand-in, over real sockets and a bad network."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fieldkit.cli import main
from fieldkit.simulator import fleet
from fieldkit.simulator.photos import DrawnAlbum
from fieldkit.simulator.results import DeviceResult
from fieldkit.simulator.shift import MOST_REPORTS
from fieldkit.store import Store
from tests.fieldkit.fakeserver import FakeServer, serving

TASK = "0199c0de-0000-7000-8000-00000000007a"


@pytest.fixture
def address(server: FakeServer) -> Iterator[str]:
    server.codes = {"A", "B", "C"}
    with serving(server) as url:
        yield url


@pytest.fixture
def run(tmp_path: Path) -> fleet.Run:
    drawn = tmp_path / "drawn"
    drawn.mkdir()
    album = DrawnAlbum(drawn)
    return fleet.Run(tmp_path / "homes", album, seed=7, faults=0.3, most_reports=6, scale=0)


def first(run: fleet.Run, address: str, *codes: str) -> list[DeviceResult]:
    told: list[DeviceResult] = []
    results = fleet.first_outing(run, address, codes, told.append)
    assert sorted(map(id, told)) == sorted(map(id, results))
    return results


def captured(home: Path) -> list[tuple[str, object]]:
    """Kind and body of what a device captured, without the ids that are new in every run."""
    with Store(home) as store:
        lines = [json.loads(row["line"]) for row in store.rows("SELECT line FROM items ORDER BY n")]
    for line in lines:
        line["body"].pop("shift", None)
    return [(line["kind"], line["body"]) for line in lines]


def test_a_bad_network_loses_and_doubles_nothing(
    server: FakeServer, address: str, run: fleet.Run
) -> None:
    results = first(run, address, "A", "B")
    assert all(result.sound for result in results)
    total = sum(result.captured for result in results)
    assert len(server.items) == len(server.effects) == total
    assert sum(result.photos for result in results) == len(server.blobs)
    assert sum(sum(result.faults.values()) for result in results) > 0
    assert {item["id"] for result in results for item in result.items} == set(server.items)


def test_verdicts_are_counted(server: FakeServer, address: str, run: fleet.Run) -> None:
    def verdict(item) -> str:
        return "quarantined" if item["kind"] == "drone_flight" else "accepted"

    server.verdict = verdict
    (result,) = first(run, address, "A")
    assert result.sound
    assert result.statuses == {"accepted": result.captured - 1, "quarantined": 1}
    assert result.kinds["shift_start"] == result.kinds["drone_flight"] == 1


def test_the_same_seed_captures_the_same(address: str, run: fleet.Run, tmp_path: Path) -> None:
    first(run, address, "A")
    again = fleet.Run(tmp_path / "other", run.album, seed=7, faults=0, most_reports=6, scale=0)
    first(again, address, "B")
    other = fleet.Run(tmp_path / "third", run.album, seed=8, faults=0, most_reports=6, scale=0)
    first(other, address, "C")
    homes = [captured(one.homes / "device-000") for one in (run, again, other)]
    assert homes[0] == homes[1]
    assert homes[0] != homes[2]


def actions(server: FakeServer) -> list[str]:
    """What the devices did with tasks, each item once."""
    seen = {item["id"]: item for line in server.lines if (item := json.loads(line))}
    return [item["body"]["action"] for item in seen.values() if item["kind"] == "task_action"]


@pytest.mark.parametrize(
    ("demands", "roles"), [({}, ["after"]), ({"photos": ["near", "far"]}, ["near", "far"])]
)
def test_what_is_demanded_of_a_task_is_photographed(
    server: FakeServer,
    address: str,
    run: fleet.Run,
    demands: dict[str, list[str]],
    roles: list[str],
) -> None:
    task = {"id": TASK, "state": "in_progress", "priority": 1, "assignment": 1, "demands": demands}
    server.put("task", TASK, task)
    first(run, address, "A")
    with Store(run.homes / "device-000") as store:
        lines = [json.loads(row["line"]) for row in store.rows("SELECT line FROM items")]
    (done,) = [line for line in lines if line["kind"] == "task_action"]
    assert [photo["role"] for photo in done["media"]] == roles


@pytest.mark.parametrize(
    ("state", "priority", "expected"),
    [
        ("assigned", 2, ["accept", "start", "complete"]),
        ("delivered", 0, ["accept", "start"]),
        ("returned", 1, ["start", "complete"]),
        ("accepted", 0, ["start"]),
        ("in_progress", 0, ["complete"]),
        ("done", 1, []),
        ("verified", 1, []),
    ],
)
def test_a_task_is_taken_up_as_it_stands(
    server: FakeServer, address: str, run: fleet.Run, state: str, priority: int, expected
) -> None:
    server.put("task", TASK, {"id": TASK, "state": state, "priority": priority, "assignment": 1})
    (result,) = first(run, address, "A")
    assert result.sound
    assert actions(server) == expected
    assert result.actions == Counter(expected)


def test_the_next_outing_completes_before_it_hears_the_news(
    server: FakeServer, address: str, run: fleet.Run
) -> None:
    body = {"id": TASK, "priority": 0, "assignment": 1}
    server.put("task", TASK, body | {"state": "assigned"})
    first(run, address, "A")
    assert actions(server) == ["accept", "start"]
    server.put("task", TASK, body | {"state": "in_progress"})
    (told,) = fleet.next_outing(run, lambda result: None)
    assert told.sound
    server.put("task", TASK, None, op="remove")
    (after,) = fleet.next_outing(run, lambda result: None)
    assert actions(server)[-1] == "complete"
    assert after.captured == told.captured + 1
    (idle,) = fleet.next_outing(run, lambda result: None)
    assert (idle.captured, idle.sound) == (after.captured, True)


def test_a_code_that_is_unknown_is_trouble(address: str, run: fleet.Run) -> None:
    good, bad = first(run, address, "A", "nonsense")
    assert good.sound
    assert not bad.sound
    assert (bad.captured, bad.install) == (0, "")
    assert "code_used" in str(bad.trouble)


def simulate(*options: str) -> Result:
    return CliRunner().invoke(main, ["--lang", "en", "simulate", *options])


def test_the_command_writes_json(server: FakeServer, address: str, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("A\n\nB\n")
    options = ("--codes", str(codes), "--devices", "1", "--reports", "6", "--faults", "0")
    result = simulate("--url", address, *options, "--json")
    assert result.exit_code == 0, result.output
    (device,) = json.loads(result.stdout)
    assert device["captured"] == len(server.items) == len(device["items"])
    assert device["receipts"] == device["receipts_verified"] > 0
    assert (device["items_left"], device["media_left"], device["unproven"]) == (0, 0, 0)
    assert "all handed in" in result.stderr


def test_the_command_goes_on_with_the_devices_it_kept(address: str, tmp_path: Path) -> None:
    homes = tmp_path / "homes"
    shared = ("--homes", str(homes), "--faults", "0")
    options = ("--url", address, "--code", "A", "--reports", "6", *shared)
    assert simulate(*options).exit_code == 0
    result = simulate("--again", *shared)
    assert result.exit_code == 0, result.output
    assert "receipts valid" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--code", "A"), "--url is missing"),
        (("--url", "http://127.0.0.1:1"), "0 codes for 1 devices"),
        (("--url", "http://127.0.0.1:1", "--code", "A", "--devices", "2"), "1 codes for 2"),
        (("--url", "nonsense", "--code", "A"), "no server address"),
    ],
)
def test_what_is_missing_is_named(options: tuple[str, ...], said: str) -> None:
    result = simulate(*options)
    assert result.exit_code == 1
    assert said in result.output


def test_the_bounds_of_a_shift_are_those_of_the_script() -> None:
    assert simulate("--reports", "5").exit_code == 2
    assert fleet.Run(Path("x"), DrawnAlbum(Path("x"))).most_reports == MOST_REPORTS
