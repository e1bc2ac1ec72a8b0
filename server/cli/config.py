"""`gewu config`: every setting with its value, where it comes from and what it means."""

import os

import click

from server.cli.options import takes_data
from server.cli.showing import table
from server.cli.texts import t
from server.config import ENV, SETTINGS, Settings


@click.command(help=t("config.help"), epilog="gewu config --show")
@click.option("--show", is_flag=True, default=True, help=t("config.show"))
@takes_data
@click.pass_context
def config(context: click.Context, settings: Settings, show: bool) -> None:
    columns = [t(f"config.{name}") for name in ("name", "value", "source", "meaning")]
    masked = settings.masked()
    given = context.params.get("data") is not None
    rows = [
        (
            ENV + name,
            masked[name.lower()],
            t(f"source.{_source(name, given)}"),
            setting.en if settings.lang == "en" else setting.zh,
        )
        for name, setting in SETTINGS.items()
    ]
    table(columns, rows)


def _source(name: str, data_given: bool) -> str:
    if name == "DATA" and data_given:
        return "option"
    return "environment" if ENV + name in os.environ else "default"
