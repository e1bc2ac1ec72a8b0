"""Every rule sees its own breach, and nothing else."""

import copy
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from server.cli.demo.facts import Facts, joined
from server.cli.demo.holds import RULES


def device(**changed: Any) -> dict[str, Any]:
    sound = {
        "captured": 3,
        "replays": 1,
        "exchanges": 4,
        "retries": 2,
        "items_left": 0,
        "media_left": 0,
        "receipts": 2,
        "receipts_verified": 2,
        "unproven": 0,
        "faults": {"cut": 1},
        "trouble": None,
        "items": [line("a", "accepted"), line("b", "stale"), line("c", "quarantined")],
    }
    return sound | changed


def digest(id_: str) -> str:
    return hashlib.sha256(f"raw {id_}".encode()).hexdigest()


def line(id_: str, status: str) -> dict[str, Any]:
    return {"id": id_, "sha256": digest(id_), "kind": "report", "status": status}


def item(id_: str, seq: int) -> dict[str, Any]:
    return {"id": id_, "install": "i", "seq": seq, "sha256": digest(id_), "raw": f"raw {id_}"}


def event(no: int, action: str, before: str | None, after: str, *flags: str) -> dict[str, Any]:
    return {"no": no, "action": action, "from": before, "to": after, "flags": list(flags)}


def waiting(light: str, due: str | None = "2026-11-27T10:00:00.000Z") -> dict[str, Any]:
    events = [event(1, "assign", None, "assigned")]
    return {"state": "assigned", "due": due, "light": light, "events": events}


def facts() -> Facts:
    """What a small demo that went well would show."""
    items = [item("a", 1), item("b", 2)]
    events = [
        event(1, "assign", None, "assigned"),
        event(2, "deliver", "assigned", "delivered"),
        event(3, "accept", "delivered", "accepted"),
        event(4, "complete", "accepted", "done"),
        event(5, "complete", "done", "done", "double_work"),
    ]
    return Facts(
        devices=[device()],
        listed=items,
        items={one["id"]: one | {"media": [{"stored": True}]} for one in items},
        aside=[{"sha256": digest("c"), "code": "bad_json", "status": "quarantined"}],
        tasks=[
            {"state": "done", "due": "2026-11-27T10:00:00.000Z", "light": "none", "events": events},
            *(waiting(light) for light in ("green", "yellow", "red")),
            waiting("none", due=None),
        ],
        broken=[],
        copies={"thumb": 2, "stamped": 2},
    )


def broken_rules(found: Facts) -> set[str]:
    return {name for name, rule in RULES.items() if not rule(found)}


def test_what_went_well_holds() -> None:
    assert broken_rules(facts()) == set()


Breach = Callable[[Facts], object]
BREACHES: list[tuple[str, Breach]] = [
    ("handed_in", lambda f: f.devices[0].update(items_left=1)),
    ("handed_in", lambda f: f.devices[0].update(media_left=1)),
    ("handed_in", lambda f: f.devices[0].update(trouble="stopped")),
    ("counted", lambda f: f.devices[0].update(captured=4)),
    ("readable", lambda f: f.items["a"].update(raw="other")),
    ("readable", lambda f: f.items["b"].update(sha256=digest("x"))),
    ("readable", lambda f: f.items.pop("a")),  # type: ignore[attr-defined]
    ("readable", lambda f: f.aside[0].update(sha256=digest("x"))),
    ("once", lambda f: f.listed[1].update(seq=1)),
    ("once", lambda f: f.listed[1].update(id="a")),
    ("pictured", lambda f: f.items["a"].update(media=[{"stored": False}])),
    ("proven", lambda f: f.devices[0].update(receipts_verified=1)),
    ("proven", lambda f: f.devices[0].update(unproven=1)),
    ("lawful", lambda f: f.tasks[0]["events"].pop(2)),
    ("lawful", lambda f: f.tasks[0].update(state="verified")),
    ("lawful", lambda f: f.tasks[0]["events"][3].update(action="verify")),
    ("lawful", lambda f: f.tasks[0]["events"][3].update({"from": "delivered"})),
    ("lawful", lambda f: f.tasks[0]["events"][4].update(flags=[])),
    ("lit", lambda f: f.tasks[1].update(light="none")),
    ("lit", lambda f: f.tasks.pop(2)),
    ("chained", lambda f: f.broken.append(("cli", 3))),
]


@pytest.mark.parametrize(("rule", "breach"), BREACHES)
def test_each_breach_is_seen_by_its_rule_alone(rule: str, breach: Breach) -> None:
    found = copy.deepcopy(facts())
    breach(found)
    assert broken_rules(found) == {rule}


def test_two_outings_count_together_what_begins_anew() -> None:
    (both,) = joined([device()], [device(captured=5, replays=2, faults={"cut": 2, "torn": 1})])
    assert (both["captured"], both["replays"], both["exchanges"]) == (5, 3, 8)
    assert both["faults"] == {"cut": 3, "torn": 1}
