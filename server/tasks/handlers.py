"""What workers did with their tasks on their devices: items of the kind `task_action`."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from server.items.handling import ACCEPTED, FORBIDDEN, HELD, Incoming, Outcome
from server.tasks import queries, rules
from server.tasks.journal import Journal, locked
from server.tasks.rules import Action, Verdict
from server.tasks.standing import Deed, Standing


def handle_actions(session: Session, items: Sequence[Incoming]) -> list[Outcome]:
    """Judge the actions in order and write their effects with a few statements.

    An action on an unknown task is held and stays on the list of held items: the server makes the
    ids of tasks, so that an unknown one can only come back with a restored database.
    """
    tasks = locked(session, [item.body["task"] for item in items])
    held_by = _holders(session, tasks, items)
    journal = Journal(tasks)
    outcomes = [_judge(journal, held_by, item) for item in items]
    journal.write(session)
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


def _judge(journal: Journal, held_by: set[tuple[str, str]], item: Incoming) -> Outcome:
    task = journal.tasks.get(item.body["task"])
    if task is None:
        return HELD
    if (task.id, item.member) not in held_by:
        return FORBIDDEN
    return _apply(journal, task, item)


def _apply(journal: Journal, task: Standing, item: Incoming) -> Outcome:
    """Act on the decision; whoever sent a stale action is shown how the task stands."""
    action = Action(item.member, item.body["assignment"], item.body["action"])
    decision = rules.decide(task, action)
    if decision.verdict is Verdict.NOOP:
        return ACCEPTED
    if decision.verdict is Verdict.APPLY or decision.flags:
        journal.enter(rules.after(task, decision, item.estimated), _deed(item), decision.flags)
    if decision.verdict is Verdict.APPLY:
        return ACCEPTED
    journal.tell(task.id, item.member)
    return Outcome("stale", flags=decision.flags)


def _deed(item: Incoming) -> Deed:
    return Deed(
        actor=item.member,
        action=item.body["action"],
        at=item.estimated,
        reason=item.body.get("reason"),
        install=item.install,
        item=item.id,
    )
