"""Many devices at once: each in its own thread, with its own home, network and luck."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fieldkit.errors import FieldkitError
from fieldkit.simulator.device import SimulatedDevice
from fieldkit.simulator.faults import Odds
from fieldkit.simulator.photos import Album
from fieldkit.simulator.results import DeviceResult, count
from fieldkit.simulator.shift import MOST_REPORTS

WAIT_SCALE = 0.001

Told = Callable[[DeviceResult], None]


@dataclass(frozen=True)
class Run:
    """What all devices of a run share. Equal seeds capture the same; `scale` shortens waits."""

    homes: Path
    album: Album
    seed: int = 1
    faults: float = 0.2
    most_reports: int = MOST_REPORTS
    scale: float = WAIT_SCALE


def first_outing(run: Run, url: str, codes: Sequence[str], told: Told) -> list[DeviceResult]:
    """Enrol one device per code, work a shift offline, hand everything in, take up tasks."""

    def outing(device: SimulatedDevice, number: int) -> None:
        device.enroll(url, codes[number])
        device.sync()
        device.work_shift(run.album, run.most_reports)
        _tasks_and_hand_in(device, run.album)

    return _all(run, len(codes), outing, told)


def next_outing(run: Run, told: Told) -> list[DeviceResult]:
    """The devices that already live in `run.homes` go on with their tasks, without a shift.

    What was begun is completed before the first contact, as a worker without network does.
    """

    def outing(device: SimulatedDevice, number: int) -> None:
        device.come_back()
        _tasks_and_hand_in(device, run.album)

    return _all(run, len(homes(run.homes)), outing, told)


def homes(folder: Path) -> list[Path]:
    """The homes of the devices that live in `folder`."""
    return sorted(path for path in folder.glob("device-*") if path.is_dir())


def _tasks_and_hand_in(device: SimulatedDevice, album: Album) -> None:
    """Tasks that are known, hand-in, then those that came with it."""
    device.take_up_tasks(album)
    if device.hand_in():
        device.take_up_tasks(album)
        device.hand_in()


def _all(
    run: Run, devices: int, outing: Callable[[SimulatedDevice, int], None], told: Told
) -> list[DeviceResult]:
    def one(number: int) -> DeviceResult:
        result = _one(run, number, outing)
        told(result)
        return result

    with ThreadPoolExecutor(max(1, devices)) as pool:
        return list(pool.map(one, range(devices)))


def _one(run: Run, number: int, outing: Callable[[SimulatedDevice, int], None]) -> DeviceResult:
    name = f"{run.seed} {number}"
    device = SimulatedDevice(
        run.homes / f"device-{number:03}",
        rng=random.Random(name),
        luck=random.Random(f"luck {name}"),
        odds=Odds.of(run.faults),
        scale=run.scale,
    )
    try:
        outing(device, number)
        return count(device, None)
    except FieldkitError as error:
        return count(device, str(error))
    finally:
        device.close()
