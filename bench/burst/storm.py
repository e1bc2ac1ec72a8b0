"""All phones of a burst in one event loop, and what is watched meanwhile."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.burst.phone import Load, Phone
from bench.burst.plan import Plan, arrivals
from bench.burst.tally import Tally
from bench.film import Film
from bench.memory import memory

EVERY_S = 1.0


@dataclass(frozen=True)
class Moment:
    """`at` seconds after the begin: devices that came, devices that are in, the server's memory."""

    at: float
    arrived: int
    in_: int
    rss: int
    pss: int
    processes: int


Told = Callable[[Moment], None]


@dataclass(frozen=True)
class Storm:
    """A burst to be sent to `port`; `pids` are the server's, `told` hears of every moment."""

    plan: Plan
    port: int
    pids: Sequence[int]
    rng: random.Random
    told: Told

    def blow(self, loads: Sequence[Load], film: Film) -> tuple[Tally, list[Moment]]:
        """Let all phones come back; what they met, and the moments of the whole time."""
        return asyncio.run(self._blow(loads, film))

    async def _blow(self, loads: Sequence[Load], film: Film) -> tuple[Tally, list[Moment]]:
        tally, moments = Tally(), [await self._moment(0.0, Tally())]
        began = asyncio.get_running_loop().time()
        watching = asyncio.create_task(self._watch(began, tally, moments))
        phones = [
            asyncio.create_task(
                Phone(load, film, self.port, tally).come_back(began, arrival, self.rng)
            )
            for load, arrival in zip(loads, arrivals(self.plan, self.rng), strict=True)
        ]
        done, late = await asyncio.wait(phones, timeout=self.plan.patience)
        watching.cancel()
        for phone in late:
            phone.cancel()
        await asyncio.gather(watching, *late, return_exceptions=True)
        for phone in done:
            phone.result()
        return tally, moments

    async def _watch(self, began: float, tally: Tally, moments: list[Moment]) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            moments.append(await self._moment(asyncio.get_running_loop().time() - began, tally))
            self.told(moments[-1])

    async def _moment(self, at: float, tally: Tally) -> Moment:
        """Memory is read in a thread: for a large process it takes the kernel milliseconds."""
        held = await asyncio.to_thread(memory, self.pids)
        arrived = sum(record.arrived_s is not None for record in tally.records)
        in_ = sum(record.in_s is not None for record in tally.records)
        return Moment(round(at, 1), arrived, in_, held.rss, held.pss, held.processes)


def as_rows(moments: Sequence[Moment]) -> list[dict[str, Any]]:
    """The moments as JSON keeps them."""
    return [asdict(moment) for moment in moments]
