"""`gewu demo` (演示): an invented street at work, from enrolment to receipts, on real programs.

Server, worker and simulated devices run as processes of their own; people act through the HTTP
API. At the end stand the numbers, and whether what must hold holds.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.cli.demo import facts, ground, programs, ruled, show, street, week
from server.cli.demo.api import Person, log_in
from server.cli.demo.dispatch import Dispatcher
from server.cli.demo.programs import Phones, Programs
from server.cli.demo.street import Login
from server.cli.options import opened, settings_in
from server.cli.texts import t
from server.config import Settings
from server.grid.scope import today
from server.kernel import clock
from server.kernel.audit import broken_links
from server.kernel.database import reading

MOST_DEVICES = len(street.WORKERS)
WATCH_S = 1.0


@click.command(help=t("demo.help"), epilog="gewu demo --once")
@click.option("--data", default="demo-data", show_default=True, help=t("demo.data"))
@click.option("--host", default="127.0.0.1", show_default=True, help=t("demo.host"))
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    help=t("serve.port"),
)
@click.option("--once", is_flag=True, help=t("demo.once"))
@click.option("--clean", is_flag=True, help=t("demo.clean"))
@click.option(
    "--photos", type=click.Path(exists=True, file_okay=False), help=t("demo.photos_option")
)
@click.option(
    "--devices",
    default=MOST_DEVICES,
    show_default=True,
    type=click.IntRange(1, MOST_DEVICES),
    help=t("demo.devices"),
)
@click.option(
    "--reports", default=8, show_default=True, type=click.IntRange(6), help=t("demo.reports")
)
def demo(
    data: str,
    host: str,
    port: int,
    once: bool,
    clean: bool,
    photos: str | None,
    devices: int,
    reports: int,
) -> None:
    settings = settings_in(data)
    if clean:
        _clean(settings)
        return
    programs.refuse_taken(host, port)
    options = {"--reports": str(reports)} | ({"--photos": photos} if photos else {})
    phones = Phones(settings.data / "phones", programs.reached_at(host, port), options)
    play = _Play(settings, host, port, devices)
    holds = False
    with programs.running(settings.data, play.url) as running:
        try:
            holds = play.run(running, phones)
            if not once:
                play.stay(running)
        except KeyboardInterrupt:
            click.echo(t("demo.stopped"))
    raise SystemExit(0 if holds else 1)


def _clean(settings: Settings) -> None:
    """Remove the folder, and say what stays."""
    removed = ground.clear(settings.data, settings)
    click.echo(t("demo.removed" if removed else "demo.nothing", path=settings.data))
    if not settings.is_sqlite:
        click.echo(t("demo.left", url=settings.masked()["database_url"]))


class _Play:
    """One demo from the empty folder to the table."""

    def __init__(self, settings: Settings, host: str, port: int, devices: int) -> None:
        self._settings, self._host, self._port = settings, host, port
        self._at = programs.reached_at(host, port)
        self._devices = devices
        self.url = programs.public_url(host, port)

    def run(self, running: Programs, phones: Phones) -> bool:
        """All of it; whether what must hold holds."""
        began = time.monotonic()
        admin_login = Login("admin", "admin", ground.ADMIN, ground.password())
        with _step(t("demo.step.ground", path=self._settings.data)):
            ground.clear(self._settings.data, self._settings)
            ground.lay(self._settings, admin_login.password)
        with _step(t("demo.step.start", url=self.url)):
            running.start("serve", "--host", self._host, "--port", str(self._port))
            running.wait_ready(self._at)
        admin = self._person(admin_login)
        with _step(t("demo.step.street")):
            built = street.build(admin, today(self._settings.timezone, clock.now()))
        with _step(t("demo.step.week", pack=week.PACK)):
            week.play(self._settings, built)
            running.start("worker")
        supervisor = self._person(built.supervisor)
        results = self._shift(phones, supervisor, built.workers[: self._devices])
        with _step(t("demo.step.gather")):
            found = facts.gather(admin, results, self._broken())
        show.numbers(found)
        with opened(self._settings):
            show.ruled(ruled.gather(self._settings, supervisor, found.tasks))
        holds = show.holding(found)
        click.echo(t("demo.took", seconds=round(time.monotonic() - began)))
        self._invite(supervisor, built, admin_login)
        return holds

    def stay(self, running: Programs) -> None:
        """Keep the programs running until Ctrl-C; Refused if one of them ends."""
        click.echo(t("demo.stays"))
        while True:
            running.check()
            time.sleep(WATCH_S)

    def _shift(
        self, phones: Phones, supervisor: Person, workers: list[street.Worker]
    ) -> list[facts.Json]:
        """Enrolment, tasks, a shift offline, the hand-in, judging, and a second outing."""
        dispatcher = Dispatcher(supervisor, clock.now())
        with _step(t("demo.step.enrol", count=len(workers))):
            codes = [_code(supervisor, worker)["code"] for worker in workers]
            given = dispatcher.before(workers)
        with _step(t("demo.step.shift", count=len(workers), tasks=given)):
            outing = phones.first(codes)
            dispatcher.meanwhile(workers)
            first = outing.results()
        with _step(t("demo.step.judge")):
            dispatcher.judge(workers)
        with _step(t("demo.step.again")):
            second = phones.again().results()
            dispatcher.verify_rest()
        return facts.joined(first, second)

    def _person(self, login: Login) -> Person:
        return log_in(self._at, login.username, login.password)

    def _broken(self) -> list[tuple[str, int]]:
        with opened(self._settings), reading() as session:
            return broken_links(session)

    def _invite(self, supervisor: Person, built: street.Street, admin: Login) -> None:
        show.passwords([admin, built.supervisor, *built.leaders])
        show.addresses(self.url, self._settings.data)
        guest = built.workers[-1]
        show.invitation(guest.name, _code(supervisor, guest)["url"])
        if self._host != programs.ALL_ADDRESSES:
            click.echo(t("demo.loopback"))


def _code(supervisor: Person, worker: street.Worker) -> facts.Json:
    return supervisor.post("/enrolments", {"member": worker.id})


@contextmanager
def _step(text: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    began = time.monotonic()
    click.echo(f"▸ {text}")
    yield
    click.echo(f"  {time.monotonic() - began:.1f} s")
