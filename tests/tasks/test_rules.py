"""The state machine of tasks: every step from every state, then chains of steps at random."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from server.tasks import rules
from server.tasks.rules import Action, Decision, Verdict
from server.tasks.standing import STATES, UNFINISHED, Standing

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
TASK = Standing("task", "wang")

# What docs/protocol.md, section 7, says: action → {state: state after it}; all else is stale.
LEGAL = {
    "accept": {"assigned": "accepted", "delivered": "accepted", "returned": "accepted"},
    "decline": {"assigned": "declined", "delivered": "declined"},
    "start": {"accepted": "in_progress", "returned": "in_progress"},
    "progress": {
        "accepted": "in_progress",
        "in_progress": "in_progress",
        "returned": "in_progress",
    },
    "complete": {"accepted": "done", "in_progress": "done", "returned": "done"},
    "request_transfer": {
        state: state for state in ("assigned", "delivered", "accepted", "in_progress", "returned")
    },
    "request_extension": {
        state: state for state in ("assigned", "delivered", "accepted", "in_progress", "returned")
    },
    "explain": {state: state for state in STATES if state not in ("cancelled", "expired")},
}
IDLE = {("accept", state) for state in ("accepted", "in_progress", "done", "verified")}
BY_PEOPLE = {
    "cancel": ("assigned delivered accepted in_progress returned declined expired", "cancelled"),
    "reassign": ("assigned delivered accepted in_progress returned declined expired", "assigned"),
    "verify": ("done", "verified"),
    "return": ("done", "returned"),
    "suspend": ("assigned delivered accepted in_progress returned declined expired", None),
    "resume": ("assigned delivered accepted in_progress returned declined expired", None),
    "extend": ("assigned delivered accepted in_progress returned", None),
    "transfer": ("assigned delivered accepted in_progress returned", "assigned"),
    "refuse": ("assigned delivered accepted in_progress returned", None),
    "settle": (" ".join(STATES), None),
    "accept_late_work": (" ".join(state for state in STATES if state != "verified"), "done"),
}
ASKING = replace(TASK, request={"kind": "transfer"})
FLAGGED = replace(TASK, flags=("double_work",))
READY = {
    "resume": replace(TASK, suspended_at=NOW),
    **dict.fromkeys(("extend", "transfer", "refuse"), ASKING),
    **dict.fromkeys(("settle", "accept_late_work"), FLAGGED),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", rules.DEVICE_STEPS)
def test_every_step_of_the_assignee(action: str, state: str) -> None:
    decision = rules.decide(replace(TASK, state=state), Action("wang", 1, action, "why"))
    if state in LEGAL[action]:
        cleared = rules.CLEARS.get(action, ())
        assert decision == Decision(Verdict.APPLY, LEGAL[action][state], (), cleared)
    elif (action, state) in IDLE:
        assert decision == Decision(Verdict.NOOP, state)
    else:
        flags = ("done_after_cancel",) if (action, state) == ("complete", "cancelled") else ()
        assert decision == Decision(Verdict.STALE, state, flags)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", rules.DEVICE_STEPS)
@pytest.mark.parametrize(
    ("member", "assignment"), [("wang", 1), ("li", 2), ("wang", 3)], ids=("old", "other", "ahead")
)
def test_a_step_under_another_assignment_is_stale(
    member: str, assignment: int, action: str, state: str
) -> None:
    task = replace(TASK, assignee="wang", assignment=2, state=state)
    flag = "done_after_cancel" if state == "cancelled" else "double_work"
    decision = rules.decide(task, Action(member, assignment, action))
    assert decision == Decision(Verdict.STALE, state, (flag,) if action == "complete" else ())


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("act", rules.PEOPLE_STEPS)
def test_every_step_of_people(act: str, state: str) -> None:
    legal, to = BY_PEOPLE[act]
    task = replace(READY.get(act, TASK), state=state)
    assert rules.may(task, act) == (state in legal.split())
    judged = rules.judged(task, act, NOW)
    assert (judged.state, judged.version) == (to or state, 2)


def test_flags_are_added_up_and_raise_the_version() -> None:
    task = replace(TASK, state="cancelled", flags=("double_work",))
    after = rules.after(task, Decision(Verdict.STALE, "cancelled", ("done_after_cancel",)), NOW)
    assert after == replace(task, version=2, flags=("done_after_cancel", "double_work"))


def test_a_new_owner_starts_from_the_beginning() -> None:
    task = replace(TASK, state="in_progress", version=4, pending_assignee="li", lease_until=NOW)
    assert rules.given(task, "li") == Standing("task", "li", version=5, assignment=2)


def test_a_promise_lasts_for_the_lease_and_ends_with_the_work() -> None:
    promised = rules.promised(replace(TASK, state="accepted"), "li", NOW)
    assert (promised.assignee, promised.pending_assignee) == ("wang", "li")
    assert promised.lease_until == NOW + rules.HARD_LEASE
    assert rules.moved(promised, "in_progress", NOW).pending_assignee == "li"
    done = rules.moved(promised, "done", NOW)
    assert (done.pending_assignee, done.lease_until) == (None, None)


@pytest.mark.parametrize(
    ("task", "member", "shown"),
    [
        (TASK, "wang", ("put", None)),
        (TASK, "li", ("remove", "reassigned")),
        (replace(TASK, state="cancelled"), "wang", ("remove", "cancelled")),
        (replace(TASK, state="cancelled"), "li", ("remove", "reassigned")),
        (replace(TASK, pending_assignee="li"), "wang", ("remove", "reassigned")),
        (replace(TASK, pending_assignee="li"), "li", ("remove", "reassigned")),
        (replace(TASK, state="declined"), "wang", ("put", None)),
        (replace(TASK, state="verified"), "wang", ("put", None)),
    ],
)
def test_how_a_task_stands_on_a_feed(
    task: Standing, member: str, shown: tuple[str, str | None]
) -> None:
    assert rules.shown_to(task, member) == shown


class TaskLife(RuleBasedStateMachine):
    """Two workers with phones that know an older task, and a supervisor, in any order."""

    @initialize()
    def begin(self) -> None:
        self.task = TASK
        self.held_by = {1: "wang"}
        self.applied = 0
        self.completed_under: list[int] = []

    @rule(action=st.sampled_from(sorted(rules.DEVICE_STEPS)), back=st.integers(0, 2))
    def act(self, action: str, back: int) -> None:
        assignment = max(1, self.task.assignment - back)
        before = self.task
        step = Action(self.held_by[assignment], assignment, action)
        decision = rules.decide(before, step)
        if decision.verdict is Verdict.APPLY or decision.flags:
            self.task = rules.after(before, decision, NOW)
            self.applied += 1
        if decision.verdict is Verdict.APPLY:
            assert assignment == before.assignment
            assert LEGAL[action][before.state] == self.task.state
            if action == "complete":
                self.completed_under.append(assignment)
        else:
            assert self.task.state == before.state

    @rule(act=st.sampled_from(("cancel", "verify", "return")))
    def judge(self, act: str) -> None:
        if rules.may(self.task, act):
            self.task = rules.judged(self.task, act, NOW)
            self.applied += 1
            if act == "return":
                self.completed_under.pop()

    @precondition(lambda self: rules.may(self.task, "reassign"))
    @rule(hard=st.booleans())
    def reassign(self, hard: bool) -> None:
        other = "li" if self.task.assignee == "wang" else "wang"
        if hard:
            self.task = rules.promised(self.task, other, NOW)
        else:
            self._give(other)
        self.applied += 1

    @precondition(lambda self: self.task.pending_assignee is not None)
    @rule()
    def let_go(self) -> None:
        self._give(str(self.task.pending_assignee))
        self.applied += 1

    @precondition(lambda self: self.task.state == "assigned")
    @rule()
    def deliver(self) -> None:
        self.task = rules.delivered(self.task)

    def _give(self, member: str) -> None:
        self.task = rules.given(self.task, member)
        self.held_by[self.task.assignment] = member

    @invariant()
    def every_change_raises_the_version_once(self) -> None:
        assert self.task.version == 1 + self.applied

    @invariant()
    def the_state_is_known_and_the_owner_current(self) -> None:
        assert self.task.state in STATES
        assert self.held_by[self.task.assignment] == self.task.assignee

    @invariant()
    def it_is_done_once(self) -> None:
        done = self.task.state in ("done", "verified")
        assert len(self.completed_under) == done

    @invariant()
    def what_is_finished_is_promised_to_nobody(self) -> None:
        if self.task.state not in UNFINISHED:
            assert self.task.pending_assignee is None
        assert (self.task.pending_assignee is None) == (self.task.lease_until is None)


TestTaskLife = TaskLife.TestCase
