"""What shapes cannot say of a pack: names that must exist, hours in order, ways that must end."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from server.packs.checks import backups, directories, hours, naming, waiting, ways
from server.packs.checks.found import Found
from server.packs.definition import Pack

Check = Callable[[Pack, Mapping[str, Any]], Iterator[Found]]

CHECKS: tuple[tuple[frozenset[str], Check], ...] = tuple(
    (frozenset(needs.split()), check)
    for needs, check in (
        ("tree", naming.levels),
        ("tree posts", naming.posts),
        ("posts", backups.backups),
        ("patrol subjects tree posts zones", naming.patrol),
        ("deadlines tree kinds", naming.deadlines),
        ("deadlines catalogs", naming.categories),
        ("templates kinds", naming.templates),
        ("templates kinds forms checklists", naming.demands),
        ("plans templates posts subjects", naming.plans),
        ("local_choices", naming.local_choices),
        ("calendar", hours.calendar),
        ("shift", hours.shift),
        ("shift zones", hours.zones),
        ("escalation tree posts", ways.escalation),
        ("deadlines templates", ways.acceptance),
        ("notices", ways.notices),
        ("catalogs", directories.catalogs),
        ("cells tree zones", waiting.cells),
        ("forms checklists score_sheets", waiting.codes),
        ("case_flow", waiting.states),
        ("measures quality score_sheets", waiting.measures),
        ("worksheets posts", waiting.worksheets),
    )
)
"""Each check with the blocks that it reads; it is left out if one of them has mistakes."""


def run(pack: Pack, data: Mapping[str, Any], broken: frozenset[str]) -> Iterator[Found]:
    """Every mistake between the blocks that are not broken."""
    for needs, check in CHECKS:
        if not needs & broken:
            yield from check(pack, data)
