"""The programs of a demo: the server, the worker and the simulated devices, each a process."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from server.cli.demo.api import Address
from server.cli.options import Refused
from server.cli.texts import language, t
from server.config import ENV

GEWU = (sys.executable, "-m", "server.cli")
FIELDKIT = (sys.executable, "-m", "fieldkit")
SLOWEST_START_S = 60.0
GRACE_S = 15.0
LOOK_AGAIN_S = 0.1
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ALL_ADDRESSES = "0.0.0.0"
PUBLIC_URL = f"{ENV}PUBLIC_URL"

Program = subprocess.Popen[bytes]


class Programs:
    """Runs `gewu` commands on the demo's data; their output goes to logs in the data folder."""

    def __init__(self, data: Path, public_url: str) -> None:
        self._data = data
        self._env = {**os.environ, PUBLIC_URL: public_url}
        self._running: dict[str, Program] = {}

    def start(self, command: str, *options: str) -> None:
        """Start `gewu COMMAND --data …` in a session of its own: Ctrl-C reaches only the demo."""
        with self.log(command).open("wb") as log:
            self._running[command] = subprocess.Popen(
                [*GEWU, command, "--data", str(self._data), *options],
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, command: str) -> Path:
        """Where the command writes."""
        return self._data / f"{command}.log"

    def wait_ready(self, at: Address) -> None:
        """Wait for /readyz; Refused if the server ends or takes too long."""
        ends = time.monotonic() + SLOWEST_START_S
        while not _is_ready(at):
            self.check()
            if time.monotonic() > ends:
                raise Refused(t("demo.not_ready", log=self.log("serve")))
            time.sleep(LOOK_AGAIN_S)

    def check(self) -> None:
        """Refused if one of the programs has ended."""
        for command, program in self._running.items():
            if program.poll() is not None:
                raise Refused(t("demo.ended", command=command, log=self.log(command)))

    def stop(self) -> None:
        """End them in good order; those that will not are killed."""
        for program in self._running.values():
            program.send_signal(signal.SIGTERM)
        for program in self._running.values():
            try:
                program.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
        self._running.clear()


@contextmanager
def running(data: Path, public_url: str) -> Iterator[Programs]:
    """Programs that are stopped on leaving, however the demo is told to end."""
    programs = Programs(data, public_url)
    handlers = {number: signal.signal(number, signal.default_int_handler) for number in ENDING}
    try:
        yield programs
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        programs.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)


class Phones:
    """The simulated devices; they speak with the server over the network like any other."""

    def __init__(self, homes: Path, at: Address, options: Mapping[str, str]) -> None:
        self._homes = homes
        self._url = at.url
        self._options = [part for pair in options.items() for part in pair]

    def first(self, codes: list[str]) -> "Outing":
        """Enrol a device per code; work a shift and hand it in."""
        self._homes.mkdir(mode=0o700)
        path = self._homes / "codes.txt"
        path.touch(mode=0o600)
        path.write_text("".join(f"{code}\n" for code in codes))
        return self._go("--url", self._url, "--codes", str(path), *self._options)

    def again(self) -> "Outing":
        """The same devices go on with their tasks."""
        return self._go("--again", *self._options)

    def _go(self, *options: str) -> "Outing":
        command = [*FIELDKIT, "--lang", language(), "simulate", "--homes", str(self._homes)]
        return Outing(subprocess.Popen([*command, "--json", *options], stdout=subprocess.PIPE))


class Outing:
    """A run of the devices that goes on in the background."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def results(self) -> list[dict[str, Any]]:
        """Wait for the end: what each device counted. Refused if the simulator failed."""
        try:
            output, _ = self._program.communicate()
        finally:
            self._program.kill()
        if not output:
            raise Refused(t("demo.simulator", code=self._program.returncode))
        results: list[dict[str, Any]] = json.loads(output)
        return results


def refuse_taken(host: str, port: int) -> None:
    """Refused if somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(t("demo.port", port=port, reason=error.strerror)) from error


def reached_at(host: str, port: int) -> Address:
    """Where this machine reaches a server that listens on `host`."""
    return Address("127.0.0.1" if host == ALL_ADDRESSES else host, port)


def public_url(host: str, port: int) -> str:
    """What a device opens: as set, else what the server listens on; of all, this machine's own."""
    shown = _own_address() if host == ALL_ADDRESSES else host
    return os.environ.get(PUBLIC_URL) or f"http://{shown}:{port}"


def _own_address() -> str:
    """The address that this machine would use towards others; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _is_ready(at: Address) -> bool:
    connection = http.client.HTTPConnection(*at, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
