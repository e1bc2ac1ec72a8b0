import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.errors import InputError, NotEnrolled, StoreTrouble
from fieldkit.store import FILE, Store


def test_only_the_owner_may_read_it(store: Store) -> None:
    store.set("token", "secret")
    for path in (store.home / FILE, store.home / (FILE + "-wal")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700


def test_every_commit_reaches_the_disk(store: Store) -> None:
    assert store.count("PRAGMA synchronous") == 2
    assert store.row("PRAGMA journal_mode")[0] == "wal"


@pytest.mark.parametrize("value", ["文字", 0, False, {"a": [1, None]}, []])
def test_settings_survive_closing(tmp_path: Path, value: object) -> None:
    with Store(tmp_path) as store:
        store.set("key", "before")
        store.set("key", value)
    with Store(tmp_path) as store:
        assert store.get("key") == value


def test_none_forgets_a_setting(store: Store) -> None:
    store.set("key", 1)
    store.set("key", None)
    assert store.get("key", "gone") == "gone"


def test_need_says_not_enrolled(store: Store) -> None:
    with pytest.raises(NotEnrolled):
        store.need("token")


def test_a_failed_transaction_leaves_nothing_not_even_nested(store: Store) -> None:
    with pytest.raises(RuntimeError), store.write():
        store.set("outer", 1)
        with store.write():
            store.set("inner", 1)
        raise RuntimeError
    assert (store.get("outer"), store.get("inner")) == (None, None)


def test_a_full_disk_is_told_and_takes_the_transaction_back(store: Store) -> None:
    pages = store.count("PRAGMA page_count")
    store.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreTrouble) as caught, store.write():
        store.set("small", 1)
        store.set("large", "x" * 1_000_000)
    assert "full" in str(caught.value)
    assert store.get("small") is None
    store.set("after", 1)
    assert store.get("after") == 1


def test_a_later_program_s_file_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    raw = sqlite3.connect(tmp_path / FILE)
    raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(InputError) as caught:
        Store(tmp_path)
    assert caught.value.key == "store_too_new"


def test_processes_share_the_file_without_losing_a_write(tmp_path: Path) -> None:
    script = (
        "import sys; from fieldkit.store import Store\n"
        "store = Store(sys.argv[1])\n"
        "for _ in range(50):\n"
        "    with store.write():\n"
        "        store.set('count', store.get('count', 0) + 1)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    with Store(tmp_path) as store:
        assert store.get("count") == 150


def test_wipe_is_refused_while_anything_is_unsent(client: Client, store: Store) -> None:
    client.outbox.capture("report", {"text": "x"})
    assert store.wipe() is False
    assert store.member == client.store.need("member")["id"]


def test_wipe_leaves_no_trace_of_what_was_known(client: Client, store: Store, jpeg) -> None:
    photo = take_in(store, jpeg())
    client.outbox.capture("report", {"text": "李大爷家"}, media=[photo])
    client.sync()
    assert store.wipe() is True
    assert list(store.media_folder.iterdir()) == []
    for path in store.home.glob(FILE + "*"):
        assert "李大爷家".encode() not in path.read_bytes()
    with pytest.raises(NotEnrolled):
        store.need("token")
