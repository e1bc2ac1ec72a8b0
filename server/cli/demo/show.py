"""What a demo says at its end: one table of numbers, what holds, who can log in, where to look."""

import io
from collections import Counter

import click
import segno

from server.cli.demo.copies import SIZES
from server.cli.demo.facts import Facts
from server.cli.demo.holds import RULES
from server.cli.demo.ruled import Ruled
from server.cli.demo.street import Login
from server.cli.showing import local, table
from server.cli.texts import t

Rows = list[tuple[str, object]]


def numbers(facts: Facts) -> None:
    """The table."""
    table((t("demo.what"), t("demo.count")), [*_lines(facts), *_work(facts)], t("demo.title"))


def _lines(facts: Facts) -> Rows:
    """What was handed in."""
    kinds = Counter(item["kind"] for item in facts.listed)
    codes = Counter(line["code"] for line in facts.aside)
    flags = Counter(flag for item in facts.listed for flag in item["flags"])
    return [
        (t("demo.captured", devices=len(facts.devices)), facts.total("captured")),
        *((t("demo.kind", kind=kind), count) for kind, count in sorted(kinds.items())),
        (t("demo.aside"), len(facts.aside)),
        *((t("demo.code", code=code), count) for code, count in sorted(codes.items())),
        (t("demo.conflicts"), sum(line["status"] == "conflict" for line in facts.aside)),
        (t("demo.duplicates"), flags.pop("duplicate_of", 0)),
        *((t("demo.flag", flag=flag), count) for flag, count in sorted(flags.items())),
        (t("demo.faults"), facts.faults().total()),
        (t("demo.replays"), facts.total("replays")),
    ]


def _work(facts: Facts) -> Rows:
    """Photos, tasks, proof."""
    stored = Counter(photo["stored"] for photo in facts.photos())
    states = Counter(task["state"] for task in facts.tasks)
    verified, held = facts.total("receipts_verified"), facts.total("receipts")
    return [
        (t("demo.photos"), f"{stored[True]} / {stored[False]}"),
        (t("demo.copies"), " / ".join(str(facts.copies[size]) for size in SIZES)),
        *((t("demo.task", state=state), count) for state, count in sorted(states.items())),
        (t("demo.receipts"), f"{verified} / {held}"),
    ]


LIGHTS = ("green", "yellow", "red")
FIGURES = ("on_time", "late", "overdue")


def ruled(found: Ruled) -> None:
    """The lights and figures of each area, what the plans gave and will give, who was told."""
    columns = ("area", *LIGHTS, *FIGURES)
    every = [*found.areas, (t("demo.all"), found.total)]
    rows = [
        (name, *(f["open"][light] for light in LIGHTS), *(f[figure] for figure in FIGURES))
        for name, f in every
    ]
    table([t(f"demo.{name}") for name in columns], rows, t("demo.lights"))
    total = found.total
    rate = round(100 * total["on_time_rate"]) if total["due"] else "-"
    click.echo(t("demo.rate", due=total["due"], on_time=total["on_time"], rate=rate))
    _plans(found)
    click.echo(t("demo.risen", count=found.risen))
    click.echo(t("demo.told", count=found.told.total(), red=found.told["task_red"]))
    click.echo(t("demo.newest", text=found.newest))


def _plans(found: Ruled) -> None:
    rows = [
        (plan.name, local(plan.ran), plan.gave or "", local(plan.comes), plan.gives)
        for plan in sorted(found.plans, key=lambda plan: plan.comes)
    ]
    columns = ("plan", "ran", "gave", "comes", "gives")
    table([t(f"demo.{name}") for name in columns], rows, t("demo.plans"))


def holding(facts: Facts) -> bool:
    """Say of every rule whether it holds; whether all do."""
    every = {name: rule(facts) for name, rule in RULES.items()}
    for name, holds in every.items():
        click.echo(f"{'✓' if holds else '✗'} {t(f'demo.rule.{name}')}")
    return all(every.values())


def passwords(logins: list[Login]) -> None:
    """Who can log in; the passwords are kept nowhere else."""
    rows = [(login.name, login.role, login.username, login.password) for login in logins]
    columns = (t("demo.name"), t("demo.role"), t("demo.username"), t("demo.password"))
    table(columns, rows, t("demo.logins"))


def addresses(url: str, data: object) -> None:
    """What to open next."""
    click.echo(t("demo.docs", url=f"{url}/api/v1/docs"))
    click.echo(t("demo.items", url=f"{url}/api/v1/items", command=f"gewu items --data {data}"))
    click.echo(t("demo.health", url=f"{url}/readyz"))


def invitation(name: str, url: str) -> None:
    """A QR code for a real phone."""
    drawn = io.StringIO()
    segno.make(url).terminal(out=drawn, compact=True)
    click.echo(drawn.getvalue())
    click.echo(t("demo.invite", name=name, url=url))
