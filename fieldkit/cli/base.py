"""What all commands share: the device they act on, its errors in words, its options."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from fieldkit import texts
from fieldkit.acts import Acts
from fieldkit.blobs import Photo
from fieldkit.capture import take_in
from fieldkit.client import Client
from fieldkit.clock import SystemClock
from fieldkit.errors import FieldkitError, InputError
from fieldkit.exif import read_facts
from fieldkit.outbox import Captured
from fieldkit.store import Store
from fieldkit.transport import HttpTransport

Command = TypeVar("Command", bound=Callable[..., Any])


class FriendlyGroup(click.Group):
    """A group whose commands fail with a sentence, not with a trace."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; a FieldkitError becomes its text and exit code 1."""
        try:
            return super().invoke(context)
        except FieldkitError as error:
            raise click.ClickException(str(error)) from error


class Device:
    """The store in `home` and everything on top of it, opened when first used."""

    def __init__(self, home: Path, ca_file: str | None) -> None:
        self._home = home
        self._ca_file = ca_file
        self.clock = SystemClock()

    @cached_property
    def store(self) -> Store:
        """The store; made if it is missing."""
        return Store(self._home)

    @cached_property
    def client(self) -> Client:
        """The client on this store."""
        return Client(self.store, HttpTransport(ca_file=self._ca_file), self.clock)

    @cached_property
    def acts(self) -> Acts:
        """What the worker may do."""
        return Acts(self.store, self.client.outbox)

    def close(self) -> None:
        """Close the store if it was opened."""
        if "store" in self.__dict__:
            self.store.close()

    def photos(self, paths: tuple[Path, ...], role: str | None = None) -> list[Photo]:
        """Take the files into the store; `role` says what they show."""
        return [take_in(self.store, path, role) for path in paths]

    def tell(self, kind: str, captured: Captured) -> None:
        """Say that something is safe on disk."""
        waiting = self.client.outbox.counters()["items"]
        say("captured", kind=kind, id=captured.id, seq=captured.seq, waiting=waiting)


pass_device = click.make_pass_decorator(Device)


def say(key: str, **values: object) -> None:
    """Print a sentence of the catalogue."""
    click.echo(texts.say(key, **values))


def warn(keys: list[str], offset_ms: int | None) -> None:
    """Print warnings where they are seen even if the output is piped."""
    for key in keys:
        click.echo(texts.say(key, seconds=abs(offset_ms or 0) // 1000), err=True)


def position_options(command: Command) -> Command:
    """`--lat`, `--lon`, `--acc`."""
    for option in (
        click.option("--acc", type=click.FloatRange(min=0), help="精度，米。 Accuracy, metres."),
        click.option("--lon", type=click.FloatRange(-180, 180), help="经度。 Longitude, WGS-84."),
        click.option("--lat", type=click.FloatRange(-90, 90), help="纬度。 Latitude, WGS-84."),
    ):
        command = option(command)
    return command


def photo_option(command: Command) -> Command:
    """`--photo FILE`, any number of times."""
    return _files("--photo", "photos", "照片，可多次。 A photo; may be given several times.")(
        command
    )


def view_option(role: str, told: str) -> Callable[[Command], Command]:
    """`--near FILE` or another role, any number of times."""
    return _files(f"--{role}", role, told)


def _files(option: str, name: str, told: str) -> Callable[[Command], Command]:
    kind = click.Path(exists=True, dir_okay=False, path_type=Path)
    return click.option(option, name, multiple=True, type=kind, help=told)


class _Instant(click.ParamType):
    name = "instant"

    def convert(self, value: Any, param: Any, context: Any) -> datetime:
        """ISO 8601; without an offset in the zone of this device."""
        if isinstance(value, datetime):
            return value
        try:
            return datetime.fromisoformat(value).astimezone()
        except ValueError:
            self.fail(texts.say("bad_instant", value=value), param, context)


INSTANT = _Instant()


def position(
    lat: float | None, lon: float | None, acc: float | None, photos: tuple[Path, ...] = ()
) -> dict[str, Any] | None:
    """The `loc` given by hand, else that of the first photo that knows one, else None."""
    if (lat is None) != (lon is None):
        raise InputError("half_position")
    if lat is not None:
        return {"lat": lat, "lon": lon, "acc": acc, "src": "manual"}
    return next((loc for path in photos if (loc := read_facts(path).loc())), None)


def read_json(file: IO[str]) -> dict[str, Any]:
    """A JSON object from a file or standard input. Raises InputError for anything else."""
    try:
        value = json.load(file)
    except ValueError as error:
        raise InputError("bad_json_input", reason=error) from error
    if not isinstance(value, dict):
        raise InputError("bad_json_input", reason=type(value).__name__)
    return value
