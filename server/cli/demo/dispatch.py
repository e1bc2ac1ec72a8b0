"""The supervisor's day: tasks given before and during the hand-in, and judged afterwards.

The tasks of the week before are judged like others, and neither called off nor reassigned.

Priority 0 can wait: a simulated device begins such a task and completes it in its next outing, so
that there is something to call off and to give to somebody else behind its back.
"""

from datetime import datetime, timedelta
from typing import Any

from server.cli.demo.api import Person
from server.cli.demo.street import Worker

AT_ONCE, CAN_WAIT, URGENT = 2, 0, 3
RETURNED = 2
LATE_COMERS = 4

WORK = (
    ("check", "核查：井盖是否已修复", "现场拍照，注意警示桩"),
    ("visit", "走访独居老人", "了解身体和用药情况"),
    ("clear", "清理楼道堆物", "联系物业，拍前后对比照片"),
    ("verify", "核实：电动车违规充电", "核实是否属实，劝离"),
)
KINDS = [kind for kind, _, _ in WORK]


class Dispatcher:
    """Gives and judges tasks in the name of a supervisor."""

    def __init__(self, supervisor: Person, now: datetime) -> None:
        self._person = supervisor
        self._due = (now + timedelta(days=1)).isoformat()

    def before(self, workers: list[Worker]) -> int:
        """Two tasks for each, one at once and one that can wait; how many."""
        for number, worker in enumerate(workers):
            self._give(worker, number, AT_ONCE)
            self._give(worker, number + 1, CAN_WAIT)
        return 2 * len(workers)

    def meanwhile(self, workers: list[Worker]) -> int:
        """Urgent ones for the first few, while they hand in; how many."""
        for number, worker in enumerate(workers[:LATE_COMERS]):
            self._give(worker, number + 2, URGENT)
        return min(LATE_COMERS, len(workers))

    def judge(self, workers: list[Worker]) -> None:
        """Send two back, verify the rest that is done, call one off, give one to a neighbour."""
        done = self._in_state("done")
        for task in done[:RETURNED]:
            self._act(task, "return", reason="照片看不清，请补拍")
        for task in done[RETURNED:]:
            self._act(task, "verify")
        begun = [task for task in self._in_state("in_progress") if task["kind"] in KINDS]
        for task in begun[:1]:
            self._act(task, "cancel", reason="居民已自行处理")
        for task in begun[1:2]:
            other = next(one for one in workers if one.id != task["assignee"])
            self._act(task, "reassign", assignee=other.id, reason="休假，由邻格接手")

    def verify_rest(self) -> None:
        """Verify whatever is done by now."""
        for task in self._in_state("done"):
            self._act(task, "verify")

    def _give(self, worker: Worker, number: int, priority: int) -> None:
        kind, title, text = WORK[number % len(WORK)]
        body = {"assignee": worker.id, "kind": kind, "title": title, "text": text}
        self._person.post("/tasks", body | {"priority": priority, "due": self._due})

    def _in_state(self, state: str) -> list[dict[str, Any]]:
        return self._person.all("/tasks", state=state)

    def _act(self, task: dict[str, Any], act: str, **body: str) -> None:
        self._person.post(f"/tasks/{task['id']}/{act}", body, version=task["version"])
