"""What the comparison asks of the peers, how it sums up, and what it says when one is missing."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.items import BATCH
from bench.load import WrongAnswer, all_hand_in, refuse_unless_all
from bench.peers import installed, kinto, pins, pouchdb
from bench.peers.installed import Unavailable
from bench.peers.measure import CLIENTS, WHATS, Sample
from bench.peers.subject import MOST_CLIENTS, Notebooks, Poster, program
from bench.peers.summary import summary, table
from bench.ports import free_port
from bench.results import WIDTH
from bench.taken import Taken

ROOT = Path(__file__).parents[2]


def captured() -> tuple[list[list[bytes]], list[dict[str, Any]]]:
    batches = Notebooks("test").captured(0, 2)
    return batches, [json.loads(line) for lines in batches for line in lines]


def test_kinto_is_asked_to_put_every_item_under_its_id_25_at_a_time() -> None:
    batches, items = captured()
    asked = [json.loads(body) for body in kinto.bodies(batches, "/buckets/grid/collections/a")]
    assert [len(one["requests"]) for one in asked] == [25] * (2 * BATCH // 25)
    assert {one["defaults"]["method"] for one in asked} == {"PUT"}
    requests = [request for one in asked for request in one["requests"]]
    assert [request["body"]["data"] for request in requests] == items
    paths = [f"/buckets/grid/collections/a/records/{item['id']}" for item in items]
    assert [request["path"] for request in requests] == paths


def test_pouchdb_gets_every_item_as_a_document_100_at_a_time() -> None:
    batches, items = captured()
    asked = [json.loads(gzip.decompress(body))["docs"] for body in pouchdb.bodies(batches)]
    assert [len(docs) for docs in asked] == [BATCH] * 2
    docs = [doc for part in asked for doc in part]
    assert docs == [{"_id": item["id"], **item} for item in items]


def test_clients_write_different_items_and_go_on_from_batch_to_batch() -> None:
    books = Notebooks("test")
    every = [*books.captured(1, 1), *books.captured(0, 2), *books.captured(1, 1)]
    items = [json.loads(line) for lines in every for line in lines]
    assert len({item["id"] for item in items}) == 4 * BATCH
    assert [item["seq"] for item in items[-BATCH:]] == list(range(BATCH + 1, 2 * BATCH + 1))


def test_verdicts_are_counted_one_a_record() -> None:
    told = {"responses": [{"status": 201}, {"status": 200}, {"status": 409}, {"status": 201}]}
    assert kinto.verdicts(told) == {"201": 2, "200": 1, "409": 1}
    written = [{"ok": True, "id": "a", "rev": "1-x"}, {"id": "b", "error": "conflict"}]
    assert pouchdb.verdicts(written) == {"ok": 1, "conflict": 1}


def test_a_fast_wrong_answer_is_no_measurement() -> None:
    refuse_unless_all("ok", Taken(1.0, 1.0, 1.0, Counter(ok=200)), 200)
    for told in ({"ok": 199}, {"ok": 199, "conflict": 1}, {}):
        with pytest.raises(WrongAnswer, match="200 × ok expected"):
            refuse_unless_all("ok", Taken(1.0, 1.0, 1.0, Counter(told)), 200)


def test_the_loads_run_at_once_and_their_verdicts_add_up() -> None:
    barrier = threading.Barrier(MOST_CLIENTS, timeout=10)

    def load() -> Counter[str]:
        barrier.wait()
        return Counter(ok=100)

    assert all_hand_in([load] * MOST_CLIENTS) == {"ok": 100 * MOST_CLIENTS}


def sample(subject: str, round_: int, items: int, seconds: float, cpu: float) -> Sample:
    return Sample(
        subject=subject,
        what="fresh",
        clients=8,
        round=round_,
        items=items,
        seconds=seconds,
        cpu=cpu,
        load_cpu=0.5,
        verdicts={"ok": items},
    )


SAMPLES = [
    sample("gewu/sqlite", 0, 1000, 1.0, 1.0),
    sample("gewu/postgresql", 0, 1000, 2.0, 2.0),
    sample("kinto", 0, 100, 1.0, 1.0),
    sample("gewu/sqlite", 1, 1000, 2.0, 2.0),
    sample("gewu/postgresql", 1, 1000, 2.0, 4.0),
    sample("kinto", 1, 100, 0.5, 1.2),
]


def test_ratios_are_per_item_and_to_gewu_in_the_same_round() -> None:
    sqlite, postgresql, peer = summary(SAMPLES)
    assert peer["subject"] == "kinto"
    assert peer["cpu_s_per_10000"] == {"median": 110, "least": 100, "most": 120}
    assert peer["items_per_s"] == {"median": 150, "least": 100, "most": 200}
    assert peer["load_cpu_s_per_10000"]["median"] == 50
    assert peer["cpu_to"]["gewu/sqlite"] == {"median": 8, "least": 6, "most": 10}
    assert peer["cpu_to"]["gewu/postgresql"] == {"median": 4, "least": 3, "most": 5}
    assert peer["rate_to"]["gewu/sqlite"] == {"median": 0.25, "least": 0.1, "most": 0.4}
    assert sqlite["cpu_to"]["gewu/sqlite"]["most"] == 1
    assert postgresql["cpu_to"]["gewu/sqlite"]["median"] == 2


def test_the_table_shows_every_line_uncut() -> None:
    console = Console(width=WIDTH)
    with console.capture() as shown:
        console.print(table(summary(SAMPLES)))
    text = shown.get()
    for words in ("gewu/postgresql", "kinto", "150 (100–200)", "110.00 (100.00–120.00)"):
        assert words in text


def test_without_npm_it_says_so_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for _ in range(2):
        with pytest.raises(Unavailable, match="there is no npm"):
            installed.pouchdb(tmp_path / "cache")


def test_a_failing_command_is_quoted() -> None:
    script = "import sys; print('first'); print('no such version', file=sys.stderr); sys.exit(1)"
    with pytest.raises(Unavailable, match=r"said: no such version$"):
        installed.run([sys.executable, "-c", script])


def test_what_a_command_said_is_given() -> None:
    assert installed.run([sys.executable, "-c", "print('v1.2')"]) == "v1.2"


def test_a_server_that_ends_is_quoted(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('the port is taken')"]
    with (
        pytest.raises(Unavailable, match="it last said: the port is taken"),
        program(command, free_port(), tmp_path, dict(os.environ)),
    ):
        pytest.fail("it never answered")


def test_the_cache_is_where_the_user_has_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert installed.cache_folder() == Path("/caches/gewu-bench")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert installed.cache_folder() == Path.home() / ".cache" / "gewu-bench"


def test_every_version_is_pinned() -> None:
    assert all("==" in pin for pin in pins.KINTO)
    assert all("@" in pin for pin in pins.POUCHDB)


class Answering(BaseHTTPRequestHandler):
    """Says what it was posted, zipped, over a kept connection; 401 elsewhere than at /in."""

    protocol_version = "HTTP/1.1"
    came_from: set[int] = set()

    def do_POST(self) -> None:
        given = self.rfile.read(int(self.headers["Content-Length"]))
        self.came_from.add(self.client_address[1])
        body = gzip.compress(given)
        self.send_response(200 if self.path == "/in" else 401)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the terminal clean."""


@pytest.fixture
def port() -> Iterator[int]:
    """Where an `Answering` listens."""
    Answering.came_from.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_client_posts_its_bodies_over_one_connection(port: int) -> None:
    bodies = [b'[{"ok": true}]', b'[{"error": "conflict"}, {"ok": true}]']
    poster = Poster(port, "/in", {}, bodies, pouchdb.verdicts)
    assert poster.hand_in() == {"ok": 2, "conflict": 1}
    assert poster.hand_in() == {"ok": 2, "conflict": 1}
    assert len(Answering.came_from) == 1


def test_a_refused_request_is_trouble(port: int) -> None:
    poster = Poster(port, "/elsewhere", {}, [b"[]"], pouchdb.verdicts)
    with pytest.raises(Unavailable, match="POST /elsewhere: 401"):
        poster.hand_in()


def test_without_the_peers_gewu_is_measured_and_they_are_named(tmp_path: Path) -> None:
    results, nowhere = tmp_path / "peers.json", tmp_path / "file"
    nowhere.touch()
    command = [sys.executable, "-m", "bench.peers", "--quick", "--results", str(results)]
    run = subprocess.run(
        [*command, "--cache", str(nowhere / "cache")], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(results.read_text())
    assert found["missing"].keys() == {"kinto", "pouchdb"}
    for name, why in found["missing"].items():
        assert f"{name} is missing: {why}" in run.stderr
    cases = {(one["subject"], one["what"], one["clients"]) for one in found["samples"]}
    ours = ("gewu/sqlite", "gewu/postgresql")
    assert cases == {(name, what, n) for name in ours for what in WHATS for n in CLIENTS}
    assert len(found["summary"]) == len(cases)
    told = {"fresh": "accepted", "replay": "replay"}
    assert all(one["verdicts"] == {told[one["what"]]: one["items"]} for one in found["samples"])
