"""`gewu media`: are all photos whole, from one store to another, what the sweep would take."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from server.cli.options import Refused, opened, takes_data
from server.cli.showing import local, table
from server.cli.texts import t
from server.config import BadSetting, Settings, load
from server.kernel import clock
from server.kernel.database import reading
from server.media import inspection, moving, queries, storage
from server.media.stores.base import BlobStore, StoreError


@click.group(help=t("media.help"))
def media() -> None:
    pass


@media.command(help=t("media.verify"), epilog="gewu media verify --data /srv/gewu")
@takes_data
def verify(settings: Settings) -> None:
    with _reached(settings) as store:
        total = inspection.total()
        with _bar(t("media.hashing"), total) as looked_at:
            faults = list(inspection.verify(store, storage.media_locks(), looked_at))
        if faults:
            columns = [t(f"column.{name}") for name in ("sha256", "fault", "detail")]
            table(columns, [(one.sha256, t(f"fault.{one.what}"), one.found) for one in faults])
    click.echo(t("media.verified", count=total, faults=len(faults)))
    if faults:
        raise SystemExit(1)


@media.command(
    help=t("media.move"),
    epilog="gewu media move --to 's3://photos/gewu?endpoint=https://s3.example.org'"
    " | gewu media move --to file:///srv/photos",
)
@click.option("--to", "url", metavar="URL", required=True, help=t("media.to"))
@takes_data
def move(settings: Settings, url: str) -> None:
    target = _settings_of_target(settings, url)
    with _reached(settings) as store:
        there = storage.store_for(target, storage.locks_for(target))
        there.check()
        done = _moved(store, there)
    click.echo(t("media.moved", copied=done["copied"], there=done["there"]))
    if done["broken"]:
        raise Refused(t("media.broken", count=done["broken"]))
    click.echo(t("media.switch", url=target.masked()["media_url"]))


def _settings_of_target(settings: Settings, url: str) -> Settings:
    try:
        target = load(data=settings.data, media_url=url)
    except BadSetting as error:
        raise click.BadParameter(str(error), param_hint="--to") from error
    if target.media_url == settings.media_url:
        raise click.BadParameter(t("media.same"), param_hint="--to")
    return target


def _moved(store: BlobStore, there: BlobStore) -> Counter[str]:
    done: Counter[str] = Counter()
    with _bar(t("media.copying"), sum(1 for _ in store.list_blobs())) as looked_at:
        for blob in store.list_blobs():
            outcome = moving.move(store, there, blob.sha256)
            done[outcome] += 1
            if outcome == "broken":
                click.echo(f"✗ {blob.sha256}", err=True)
            looked_at()
    return done


@media.command(help=t("media.partials"), epilog="gewu media partials")
@takes_data
def partials(settings: Settings) -> None:
    with _reached(settings) as store:
        due = inspection.due_partials(store, clock.now(), settings.partial_days)
        rows = [(one.id, one.size, local(one.modified)) for one in due]
        table([t(f"column.{name}") for name in ("id", "bytes", "changed")], rows)
    click.echo(t("list.count", count=len(rows)))


@media.command(help=t("media.orphans"), epilog="gewu media orphans")
@takes_data
def orphans(settings: Settings) -> None:
    before = clock.now() - timedelta(days=settings.orphan_days)
    with _reached(settings), reading() as session:
        found = queries.orphans(session, before)
        rows = [(one.sha256, one.size, one.type, local(one.stored_at)) for one in found]
        table([t(f"column.{name}") for name in ("sha256", "bytes", "type", "stored")], rows)
    click.echo(t("list.count", count=len(rows)))


@contextmanager
def _reached(settings: Settings) -> Iterator[BlobStore]:
    """The store of a sound deployment; what it refuses is told."""
    with opened(settings):
        try:
            yield storage.media_store()
        except (StoreError, OSError) as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise Refused(t("media.away", reason=reason)) from error


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal's standard error; what it gives is called once for each blob."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal
    )
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
