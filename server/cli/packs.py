"""`gewu pack`: read, show and compare rule packs; what editors and catalogues need."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from server.cli.options import Refused
from server.cli.showing import table
from server.cli.texts import language, t
from server.packs import describe, diff, importing, publishing, reading, shipped, words
from server.packs.definition import Pack
from server.packs.mistakes import PackMistakes

Made = TypeVar("Made")


@click.group(help=t("pack.help"), epilog="gewu pack check street.yaml")
def pack() -> None:
    pass


@pack.command(help=t("pack.check"), epilog="gewu pack check street.yaml xiaoshan")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
def check(files: tuple[str, ...]) -> None:
    bad = 0
    for file in files:
        try:
            read = reading.read(source(file))
            click.echo(f"✓ {file}: {read.ref} {read.name}")
        except PackMistakes as mistakes:
            bad += 1
            click.echo(sentences(file, mistakes))
    if bad:
        raise Refused(t("pack.bad", count=bad))


@pack.command(help=t("pack.show"), epilog="gewu pack show xiaoshan")
@click.argument("file", metavar="FILE")
def show(file: str) -> None:
    shown = pack_in(file)
    click.echo(f"{shown.ref} {shown.name}")
    columns = [t(f"column.{name}") for name in ("item", "what", "value", "chosen")]
    for section in describe.sections(shown, language()):
        width = 4 if any(row.reason for row in section.rows) else 3
        rows = [(row.item, row.label, row.value, row.reason)[:width] for row in section.rows]
        table(columns[:width], rows, section.title)
    click.echo(t("pack.local", count=len(shown.local_choices)))


@pack.command("diff", help=t("pack.diff"), epilog="gewu pack diff xiaoshan street.yaml")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
def diff_(old: str, new: str) -> None:
    before, after = pack_in(old), pack_in(new)
    found = diff.changes(before, after)
    if not found:
        click.echo(t("pack.same", old=before.ref, new=after.ref))
        return
    columns = [t(f"column.{name}") for name in ("change", "before", "after", "whom")]
    title = f"{before.ref} → {after.ref}"
    table(columns, [change.said(language()) for change in found], title)


@pack.command(help=t("pack.schema"), epilog="gewu pack schema -o gewu-pack.schema.json")
@click.option("-o", "--output", metavar="FILE", help=t("pack.output"))
def schema(output: str | None) -> None:
    put(json.dumps(publishing.schema(), ensure_ascii=False, indent=2) + "\n", output)


@pack.command(
    help=t("pack.catalog"),
    epilog='gewu pack catalog events.csv --standard "GB/T 47678.5-2026" --kind event -o out.yaml',
)
@click.argument("file", metavar="FILE.csv")
@click.option(
    "--standard", required=True, type=click.Choice(importing.STANDARDS), help=t("pack.standard")
)
@click.option("--kind", required=True, type=click.Choice(words.CATALOG_KINDS), help=t("pack.kind"))
@click.option("-o", "--output", metavar="FILE", help=t("pack.output"))
def catalog(file: str, standard: str, kind: str, output: str | None) -> None:
    made = sound(file, lambda: importing.catalog(content(file), standard, kind))
    put(importing.block(made), output)
    minors = sum(len(major.minors) for major in made.majors)
    click.echo(t("pack.listed", majors=len(made.majors), minors=minors), err=True)


def source(file: str) -> str:
    """The text of a file, or of a shipped pack of this name where there is no such file."""
    if not Path(file).exists() and file in shipped.names():
        return shipped.text(file)
    return reading.decode(content(file))


def content(file: str) -> bytes:
    """The bytes of a file; Refused says why they cannot be had."""
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        known = ", ".join(shipped.names())
        raise Refused(t("pack.unreadable", file=file, reason=reason, known=known)) from error


def pack_in(file: str) -> Pack:
    """The pack in a file or shipped under this name; Refused lists every mistake."""
    return sound(file, lambda: reading.read(source(file)))


def sound(file: str, read: Callable[[], Made]) -> Made:
    """What `read` makes; its mistakes are Refused."""
    try:
        return read()
    except PackMistakes as mistakes:
        raise Refused(sentences(file, mistakes)) from mistakes


def sentences(file: str, mistakes: PackMistakes) -> str:
    """Every mistake: file, line, path and code, then what is wrong and what would be right."""
    said = []
    for one in mistakes.mistakes:
        wrong, right = one.said(language())
        where = f" {one.path}" if one.path else ""
        said.append(f"{file}:{one.line}:{where} [{one.code}]\n    {wrong}\n    → {right}")
    return "\n".join(said)


def put(text: str, output: str | None) -> None:
    """Write to a new or old file, or to standard output."""
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        Path(output).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(t("file.unwritable", file=output, reason=reason)) from error
