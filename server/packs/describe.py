"""A pack as people read it: sections of rows, with what was chosen locally marked."""

from dataclasses import dataclass, field
from typing import Any

from server.packs.definition import Pack
from server.packs.facts import LABELS, SECTIONS, Fact, facts, told
from server.packs.wording import say, word


@dataclass(frozen=True, slots=True)
class Row:
    """One line: about what, which property, its value, and why it was chosen locally, if it was."""

    item: str
    label: str
    value: str
    reason: str = ""


@dataclass(slots=True)
class Section:
    """A part of the pack under its title."""

    title: str
    rows: list[Row] = field(default_factory=list)


def sections(pack: Pack, language: str) -> list[Section]:
    """What the pack says, section by section; empty ones are left out."""
    found = {name: Section(say(title, language)) for name, title in SECTIONS.items()}
    for fact in facts(pack):
        if fact.value == fact.item:
            continue
        label = say(LABELS[fact.label], language)
        value = told(fact, language)
        item = word(fact.item, language) if fact.section == "notices" else fact.item
        rows = found[fact.section].rows
        rows.append(Row(item, label, value, reason(pack, fact)))
    for name, block in pack.waiting.items():
        found["waiting"].rows.append(Row(name, "", ", ".join(_parts(block))))
    return [section for section in found.values() if section.rows]


def reason(pack: Pack, fact: Fact) -> str:
    """Why the fact, something in it, or what it belongs to was chosen locally; empty if not."""
    reasons = [
        why
        for path, why in pack.local_choices.items()
        if f"{fact.path}.".startswith(f"{path}.") or f"{path}.".startswith(f"{fact.path}.")
    ]
    return "; ".join(reasons)


def _parts(block: Any) -> list[str]:
    """The codes of a mapping, or how many a list has."""
    return [str(len(block))] if isinstance(block, list) else [str(key) for key in block]
