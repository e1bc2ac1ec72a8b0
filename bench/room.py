"""Where databases and photos lie meanwhile, and whether they fit."""

import shutil
from pathlib import Path

import click


def need_room(folder: Path, size: int) -> None:
    """ClickException if so many bytes are not free in `folder`."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise click.ClickException(
            f"{folder}: {size >> 20} MiB are needed, {free >> 20} are free (TMPDIR: elsewhere)"
        )


def disk(folder: Path) -> str:
    """The type of the file system that `folder` lies on, as the kernel names it."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = {str(folder), *map(str, folder.parents)}
    return max((mount for mount in mounts if mount[0] in above), key=lambda one: len(one[0]))[1]
