"""What workers did with their tasks on their devices: items of the kind `task_action`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from server.items.handling import ACCEPTED, FORBIDDEN, HELD, Incoming, Outcome
from server.tasks import clock, evidence, governing, queries, requests, rules
from server.tasks.demands import Evidence
from server.tasks.journal import Journal, locked
from server.tasks.rules import Action, Decision, Verdict
from server.tasks.standing import DONE, Deed, Standing


def handle_actions(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Judge the actions in order and write their effects with a few statements.

    An action on an unknown task is held and stays on the list of held items: the server makes the
    ids of tasks, so that an unknown one can only come back with a restored database.
    """
    tasks = locked(session, [item.body["task"] for item in items])
    held_by = _holders(session, tasks, items)
    batch = _Batch(session, Journal(tasks), held_by, _evidence(session, tasks, items))
    outcomes = [batch.judge(item) for item in items]
    batch.journal.write(session)
    evidence.wait_for(session, batch.awaited)
    return outcomes


def _holders(
    session: Session, tasks: dict[str, Standing], items: Sequence[Incoming]
) -> set[tuple[str, str]]:
    """(task, member) of those who hold or held; only strangers to a task cost a query."""
    owners = {(task.id, task.assignee) for task in tasks.values()}
    asked = {(item.body["task"], item.member) for item in items if item.body["task"] in tasks}
    strange = asked - owners
    if not strange:
        return owners
    return owners | queries.holders(session, {t for t, _ in strange}, {m for _, m in strange})


def _evidence(
    session: Session, tasks: dict[str, Standing], items: Sequence[Incoming]
) -> dict[str, Evidence]:
    """What the evidence named in the batch shows; only demands cost a query."""
    named = [
        item_id
        for item in items
        if _may_complete(tasks.get(item.body["task"]), item)
        for item_id in evidence.completion(item.member, item.id, item.body).items
    ]
    return evidence.gathered(session, named) if named else {}


def _may_complete(task: Standing | None, item: Incoming) -> bool:
    return task is not None and item.body["action"] == "complete" and bool(task.terms.demands)


@dataclass(slots=True)
class _Batch:
    """The actions of one exchange; `awaited` are tasks done whose evidence is still to come."""

    session: Session
    journal: Journal
    held_by: set[tuple[str, str]]
    known: Mapping[str, Evidence]
    awaited: dict[str, set[str]] = field(default_factory=dict)

    def judge(self, item: Incoming) -> Outcome:
        """Apply the action if it may be; whoever sent a stale one is shown how the task stands."""
        task = self.journal.tasks.get(item.body["task"])
        if task is None:
            return HELD
        if (task.id, item.member) not in self.held_by:
            return FORBIDDEN
        decision = rules.decide(task, Action(item.member, *_said(item)))
        if decision.verdict is Verdict.NOOP:
            return ACCEPTED
        if decision.verdict is Verdict.APPLY:
            self._apply(task, decision, item)
            return ACCEPTED
        return self._keep(task, decision, item)

    def _keep(self, task: Standing, decision: Decision, item: Incoming) -> Outcome:
        if decision.flags:
            after = rules.after(task, decision, item.estimated)
            self.journal.enter(after, _deed(item), decision.flags)
        self.journal.tell(task.id, item.member)
        return Outcome("stale", flags=decision.flags)

    def _apply(self, task: Standing, decision: Decision, item: Incoming) -> None:
        at = clock.counted(task, item.estimated, item.received_at, item.clock)
        deed = _deed(item)
        if deed.action == "complete" and task.suspended_at is not None:
            task = self._resumed(task, at)
        after = rules.after(task, decision, at)
        if deed.action in requests.ASKS:
            wish = requests.asked(deed.action, item.body, item.estimated)
            after = replace(after, request=wish)
            deed = replace(deed, detail=wish)
        if after.state == DONE and task.terms.demands and deed.action == "complete":
            self._complete(after, deed, item, at)
        else:
            self.journal.enter(after, deed)

    def _resumed(self, task: Standing, at: datetime) -> Standing:
        worktime = governing.of(self.session, task, at).worktime
        return clock.resumed(task, worktime, at)

    def _complete(self, after: Standing, deed: Deed, item: Incoming, at: datetime) -> None:
        """Done, if what is demanded is there; to be judged later if some of it is on the way."""
        done = evidence.completion(item.member, item.id, item.body)
        self.awaited[after.id] = set(done.items) - self.known.keys()
        if self.awaited[after.id]:
            self.journal.enter(rules.flagged(after, (rules.EVIDENCE_PENDING,)), deed)
            return
        self.journal.enter(after, deed)
        marks = evidence.lacking(after, done, self.known)
        if marks:
            evidence.enter_verdict(self.journal, self.journal.tasks[after.id], marks, at)


def _said(item: Incoming) -> tuple[int, str, str | None]:
    return item.body["assignment"], item.body["action"], item.body.get("reason")


def _deed(item: Incoming) -> Deed:
    return Deed(
        actor=item.member,
        action=item.body["action"],
        at=item.estimated,
        reason=item.body.get("reason"),
        install=item.install,
        item=item.id,
    )
