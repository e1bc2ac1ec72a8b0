"""What a push asks for, and the tasks that follow from it under the packs in force. No SQL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.dispatch.pushes.rules import NO_TEMPLATE, Recipients, Target, without
from server.packs.definition import Pack
from server.tasks.templates import filled


@dataclass(frozen=True, slots=True)
class Order:
    """A push as it is ordered: `fields` are those of `NewTask`, over those of the template.

    `pack`: id of the only pack whose areas it is for, as with a plan of that pack. `confirmed`: the
    number of tasks that was said to be right.
    """

    target: Target
    template: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    confirmed: int | None = None
    pack: str | None = None
    plan: str | None = None


@dataclass(slots=True)
class Making:
    """The recipients, the fields of their tasks, and by area which of these hold there."""

    recipients: Recipients
    kinds: list[dict[str, Any]]
    kind_of: dict[str, int]


def made(order: Order, recipients: Recipients, packs: Mapping[str, Pack | None]) -> Making:
    """The tasks of the order; `packs` is in force by area.

    An area whose pack has no such template is left out; one that has another pack than the order
    is for is no area of it at all.
    """
    recipients = _of_pack(order, recipients, packs)
    kinds: dict[str | None, dict[str, Any]] = {}
    unknown: dict[str, str] = {}
    for area in _areas(recipients):
        pack = packs.get(area)
        fields = filled(pack, order.template, order.fields)
        if fields is None:
            unknown[area] = NO_TEMPLATE
        else:
            kinds.setdefault(pack.ref if pack else None, fields)
    numbers = {ref: number for number, ref in enumerate(kinds)}
    refs = {area: pack.ref if pack else None for area, pack in packs.items()}
    kind_of = {area: numbers[ref] for area, ref in refs.items() if ref in numbers}
    return Making(without(recipients, unknown), list(kinds.values()), kind_of)


def _areas(recipients: Recipients) -> Iterable[str]:
    return dict.fromkeys(one.area for one in recipients.given)


def _of_pack(order: Order, recipients: Recipients, packs: Mapping[str, Pack | None]) -> Recipients:
    if order.pack is None:
        return recipients
    ruled = {area for area, pack in packs.items() if pack is not None and pack.id == order.pack}
    return Recipients(
        [one for one in recipients.given if one.area in ruled],
        [one for one in recipients.left_out if one.area is None or one.area in ruled],
    )
