"""What a worker hands in: batches of 100 mixed items, of five short shifts (班次) each."""

import json
import random
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.street import Worker
from fieldkit.ids import uuid7

SHIFTS = 5
MIX = {
    "shift_start": 5,
    "report": 30,
    "track": 20,
    "task_action": 20,
    "visit": 10,
    "form": 10,
    "shift_end": 5,
}
BATCH = sum(MIX.values())
CHAIN = ("accept", "start", "progress", "complete")
REPORTS = (
    ("01-10", "暴露垃圾，垃圾桶满溢，袋装垃圾堆在桶外"),
    ("04-10", "电动自行车停放在楼道并私拉电线充电"),
    ("06-06", "污水井盖破损塌陷，已摆放警示桩"),
)
AGO = timedelta(hours=3)
BETWEEN = timedelta(seconds=90)
OFFSET_MS = 1_000_000_000


def mono() -> int:
    """Milliseconds since the phones were switched on."""
    return OFFSET_MS + int(time.monotonic() * 1000)


class Notebook:
    """What one phone writes; numbers and times go on from line to line.

    `seq` is the number of the last line.
    """

    def __init__(self, worker: Worker, rng: random.Random) -> None:
        self._worker, self._rng = worker, rng
        self.boot = str(uuid.uuid4())
        self.seq = 0
        self._lines: list[bytes] = []
        self._at, self._mono = datetime.now(UTC), 0

    def batch(self, tasks: list[str]) -> list[bytes]:
        """The lines of one batch; `tasks` are `SHIFTS` fresh tasks of the worker."""
        lines = self.begin()
        for task in tasks:
            self._shift(str(uuid.uuid4()), task)
        return lines

    def begin(self) -> list[bytes]:
        """Lines are captured from `AGO` on, and go to this list."""
        self._lines = []
        self._at = datetime.now(UTC).astimezone() - AGO
        self._mono = mono() - int(AGO.total_seconds() * 1000)
        return self._lines

    def _shift(self, shift: str, task: str) -> None:
        """A fifth of `MIX`."""
        plan = [{"what": "上午巡查", "count": 1}, {"what": "走访独居老人", "count": 2}]
        self.write("shift_start", {"shift": shift, "plan": plan, "note": "设备完好"})
        for step in CHAIN:
            self.track(shift)
            self.action(task, step)
            self.report()
        self.report()
        self.report()
        for _ in range(2):
            self.visit()
            self.form()
        results = [{"what": "上午巡查", "done": 1, "note": "无异常"}]
        self.write("shift_end", {"shift": shift, "results": results, "note": None})

    def report(self) -> None:
        """Write a report."""
        category, text = self._rng.choice(REPORTS)
        body = {
            "category": category,
            "text": f"{text}（{self._rng.randrange(10**6)}）",
            "address": f"解放路{self._rng.randrange(1, 200)}号",
            "severity": "2",
            "self_fixed": False,
        }
        self.write("report", body)

    def action(self, task: str, step: str) -> None:
        """Write what was done with a task."""
        done = {"text": "已清理"} if step == "complete" else None
        body = {"task": task, "assignment": 1, "base_version": 1, "action": step, "result": done}
        self.write("task_action", body, task=task)

    def track(self, shift: str, points: int = 10) -> None:
        """Write a chunk of a track."""
        walked = [[9 * number, *self._place(), 8.5] for number in range(points)]
        self.write("track", {"shift": shift, "points": walked, "gaps": []})

    def visit(self) -> None:
        """Write a visit."""
        answers = {"health": "良好", "medicine": "按时", "alone": True, "gas_checked": True}
        times = {"started": self._at.isoformat(), "ended": (self._at + BETWEEN).isoformat()}
        known = {"subject": uuid7(), "checklist": "elderly-living-alone"}
        self.write("visit", times | known | {"answers": answers})

    def form(self) -> None:
        """Write a filled form."""
        data = {
            "name": "赵建国",
            "floor": self._rng.randrange(1, 30),
            "tenants": self._rng.randrange(5),
            "pets": "无",
            "gas": True,
            "remark": "房东常住外地，每季度来一次",
        }
        known = {"form": "resident", "version": "3", "subject": uuid7(), "base_version": 1}
        self.write("form", known | {"data": data})

    def _place(self) -> tuple[float, float]:
        near = (self._rng.uniform(-0.001, 0.001) for _ in range(2))
        lat, lon = near
        return round(self._worker.lat + lat, 6), round(self._worker.lon + lon, 6)

    def write(self, kind: str, body: dict[str, Any], **more: Any) -> str:
        """Write an item of any kind, with `more` of its fields; its id."""
        self.seq += 1
        self._at += BETWEEN
        self._mono += int(BETWEEN.total_seconds() * 1000)
        lat, lon = self._place()
        item = {
            "id": uuid7(),
            "seq": self.seq,
            "kind": kind,
            "schema": 1,
            "at": self._at.isoformat(timespec="milliseconds"),
            "mono": self._mono,
            "boot": self.boot,
            "loc": {"lat": lat, "lon": lon, "acc": 8.5, "datum": "wgs84", "src": "gps", "age": 2},
            **more,
            "body": body,
        }
        self._lines.append(json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode())
        return str(item["id"])
