"""A cache folder with the peers, each in a folder of its own, installed by pip and npm."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.peers import pins

SLOWEST_S = 900
DONE = "installed"
PINS = {"kinto": pins.KINTO, "pouchdb": pins.POUCHDB}


class Unavailable(Exception):
    """A peer cannot be installed, started, or does not do what is asked; the text says why."""


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/gewu-bench`, else `~/.cache/gewu-bench`."""
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "gewu-bench"


def there(cache: Path) -> list[str]:
    """The names of the peers that are installed."""
    return [name for name, pin in PINS.items() if (_folder(cache, name, pin) / DONE).exists()]


def kinto(cache: Path) -> Path:
    """The folder of Kinto's commands, in a venv; Unavailable if pip cannot."""
    folder = _folder(cache, "kinto", pins.KINTO)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *pins.KINTO]
    _once(folder, [[sys.executable, "-m", "venv", str(folder)], pip])
    return folder / "bin"


def pouchdb(cache: Path) -> Path:
    """The folder of PouchDB Server's command; Unavailable if npm cannot.

    Install scripts stay off: LevelDB comes built in its package, the others fetch from elsewhere.
    """
    folder = _folder(cache, "pouchdb", pins.POUCHDB)
    npm = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
    _once(folder, [[*npm, *pins.POUCHDB]])
    return folder / "node_modules" / ".bin"


def _folder(cache: Path, name: str, wanted: Sequence[str]) -> Path:
    """Other pins or another Python, another folder."""
    key = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()
    return cache / f"{name}-{key[:8]}"


def _once(folder: Path, commands: Sequence[list[str]]) -> None:
    """An installation that was cut off is begun anew."""
    if (folder / DONE).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise Unavailable(f"{folder}: {error.strerror}") from error
    for command in commands:
        run(command)
    (folder / DONE).touch()


def run(command: list[str], env: dict[str, str] | None = None) -> str:
    """Run it to its end and give what it said; Unavailable with its last line if it fails."""
    try:
        done = subprocess.run(
            command,
            env=env,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SLOWEST_S,
        )
    except FileNotFoundError as error:
        raise Unavailable(f"there is no {command[0]}") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} took more than {SLOWEST_S} s") from error
    except subprocess.CalledProcessError as error:
        last = _text(error.stdout).splitlines()[-1:] or ["nothing"]
        raise Unavailable(f"{Path(command[0]).name} said: {last[0]}") from error
    return _text(done.stdout)


def _text(said: bytes) -> str:
    return said.decode(errors="replace").strip()
