"""What came out of a demo: what the devices counted, and what the server shows of it."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from server.cli.demo import copies
from server.cli.demo.api import Person

Json = dict[str, Any]
READERS = 4
SUMMED = ("replays", "exchanges", "retries")


@dataclass(frozen=True)
class Facts:
    """`devices` as fieldkit counted them; all others as the people's API shows them.

    `items` holds every item with its bytes and photos, by id; `aside` what was set aside;
    `tasks` every task with its events; `broken` the faults of the audit trail; `copies` how many
    photos have one, by size.
    """

    devices: list[Json]
    listed: list[Json]
    items: Mapping[str, Json]
    aside: list[Json]
    tasks: list[Json]
    broken: list[Any]
    copies: Mapping[str, int]

    def total(self, name: str) -> int:
        """A count of all devices together."""
        return sum(device[name] for device in self.devices)

    def faults(self) -> Counter[str]:
        """The faults of the network, by kind."""
        return sum((Counter(device["faults"]) for device in self.devices), Counter())

    def answered(self) -> list[Json]:
        """Id, hash, kind and status of every line that a device knows to be answered."""
        return [item for device in self.devices for item in device["items"]]

    def photos(self) -> list[Json]:
        """Every photo that an item names."""
        return [photo for item in self.items.values() for photo in item["media"]]


def gather(admin: Person, devices: list[Json], broken: list[Any]) -> Facts:
    """Read everything through the API, each item by its own address."""
    listed = admin.all("/items")
    tasks = admin.all("/tasks")
    with ThreadPoolExecutor(READERS) as pool:
        items = list(pool.map(lambda item: admin.get(f"/items/{item['id']}"), listed))
        detailed = list(pool.map(lambda task: admin.get(f"/tasks/{task['id']}"), tasks))
    named = {photo["sha256"] for item in items for photo in item["media"] if photo["stored"]}
    return Facts(
        devices=devices,
        listed=listed,
        items={item["id"]: item for item in items},
        aside=admin.all("/quarantine"),
        tasks=detailed,
        broken=broken,
        copies=copies.count(admin, named),
    )


def joined(first: list[Json], second: list[Json]) -> list[Json]:
    """Two outings of the same devices: the store counts on, the network begins anew each time."""
    both = []
    for before, after in zip(first, second, strict=True):
        summed = {name: before[name] + after[name] for name in SUMMED}
        faults: Counter[str] = Counter(before["faults"]) + Counter(after["faults"])
        both.append(after | summed | {"faults": faults})
    return both
