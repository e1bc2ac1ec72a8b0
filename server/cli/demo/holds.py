"""What must hold after a demo (docs/protocol.md, section 0). Pure."""

import hashlib
from collections.abc import Callable
from itertools import pairwise

from server.cli.demo.facts import Facts, Json
from server.items.verdicts import ACCEPTED, STALE
from server.tasks.clock import Light
from server.tasks.rules import DEVICE_STEPS, PEOPLE_STEPS, Step
from server.tasks.standing import CLOSED, DONE

KEPT = (ACCEPTED, STALE)
SETTLED = (DONE, *CLOSED)
LIT = {Light.GREEN, Light.YELLOW, Light.RED}
STEPS: dict[str, Step] = {**DEVICE_STEPS, **PEOPLE_STEPS}


def handed_in(facts: Facts) -> bool:
    """Nothing is left on a device, and none stopped early."""
    return all(
        device["trouble"] is None and not device["items_left"] and not device["media_left"]
        for device in facts.devices
    )


def counted(facts: Facts) -> bool:
    """Captured = stored + set aside."""
    return facts.total("captured") == len(facts.listed) + len(facts.aside)


def readable(facts: Facts) -> bool:
    """Every answered line is there under its id, byte for byte, or set aside with its hash."""
    aside = {line["sha256"] for line in facts.aside}
    return all(
        _is_stored(facts, line) if line["status"] in KEPT else line["sha256"] in aside
        for line in facts.answered()
    )


def _is_stored(facts: Facts, line: Json) -> bool:
    item = facts.items.get(line["id"])
    if item is None or item["sha256"] != line["sha256"]:
        return False
    return hashlib.sha256(item["raw"].encode()).hexdigest() == line["sha256"]


def once(facts: Facts) -> bool:
    """No item is there twice, neither by its id nor by its number on its device."""
    by_id = {item["id"] for item in facts.listed}
    by_number = {(item["install"], item["seq"]) for item in facts.listed}
    return len(by_id) == len(by_number) == len(facts.listed)


def pictured(facts: Facts) -> bool:
    """Every photo that an item names is complete."""
    return all(photo["stored"] for photo in facts.photos())


def proven(facts: Facts) -> bool:
    """Every receipt verifies, and every answered line stands on one."""
    verified = facts.total("receipts_verified") == facts.total("receipts")
    return verified and facts.total("unproven") == 0


def lawful(facts: Facts) -> bool:
    """Every task came to its state by legal steps, numbered without a gap."""
    return all(_is_lawful(task) for task in facts.tasks)


def _is_lawful(task: Json) -> bool:
    events = task["events"]
    numbers = [event["no"] for event in events]
    if numbers != list(range(1, len(events) + 1)) or events[-1]["to"] != task["state"]:
        return False
    joined = all(before["to"] == after["from"] for before, after in pairwise(events))
    return joined and all(_is_legal(event) for event in events)


def _is_legal(event: Json) -> bool:
    """A flagged step was stale: it may come in any state and must not change it."""
    step = STEPS.get(event["action"])
    if event["flags"]:
        return bool(event["from"] == event["to"])
    return step is None or (
        event["from"] in step.legal and event["to"] == step.after(event["from"])
    )


def lit(facts: Facts) -> bool:
    """Every open task with a limit has a light, and green, yellow and red all occur."""
    open_ = [task for task in facts.tasks if task["due"] and task["state"] not in SETTLED]
    return {task["light"] for task in open_} == LIT


def chained(facts: Facts) -> bool:
    """The audit trail is whole."""
    return not facts.broken


RULES: dict[str, Callable[[Facts], bool]] = {
    "handed_in": handed_in,
    "counted": counted,
    "readable": readable,
    "once": once,
    "pictured": pictured,
    "proven": proven,
    "lawful": lawful,
    "lit": lit,
    "chained": chained,
}
