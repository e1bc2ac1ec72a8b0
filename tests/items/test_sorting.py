"""What each line of a batch is, given what is known."""

import json

from hypothesis import given
from hypothesis import strategies as st

from server.items.lines import Line, read_line
from server.items.sorting import Known, answer_twins, sort_out
from tests.wire import line

GOOD = line()
ID = json.loads(GOOD)["id"]


def read(no: int, raw: bytes) -> Line:
    return read_line(no, raw, 65_536)


def test_two_identical_lines_the_second_is_the_replay_of_the_first() -> None:
    bad = b"oops"
    lines = [read(2, bad), read(3, bad)]
    sorted_ = sort_out(lines, {}, {}, {})
    first, second = answer_twins(sorted_, lines)
    assert (first.status, first.replay, second.status, second.replay) == (
        "quarantined",
        False,
        "quarantined",
        True,
    )
    assert len(sorted_.aside) == 1


def test_a_known_item_is_replayed_with_its_first_answer() -> None:
    raw = read(2, GOOD)
    known = {ID: Known(raw.sha256, "stale", ["late"], "action_stale")}
    verdict = sort_out([raw], known, {}, {}).verdicts[2]
    assert (verdict.status, verdict.replay, verdict.flags) == ("stale", True, ["late"])


def test_other_bytes_under_a_known_id_are_a_conflict_also_within_a_batch() -> None:
    mine, other = read(2, GOOD), read(3, line(id=ID))
    assert (
        sort_out([other], {ID: Known(mine.sha256, "accepted", [], None)}, {}, {}).verdicts[3].status
        == "conflict"
    )
    sorted_ = sort_out([mine, other], {}, {}, {})
    assert [x.no for x in sorted_.fresh] == [2]
    assert sorted_.verdicts[3].status == "conflict"


def test_a_quarantined_line_claims_no_id() -> None:
    spoilt, mended = read(2, line(id=ID, body={})), read(3, GOOD)
    sorted_ = sort_out([spoilt, mended], {}, {}, {})
    assert [x.no for x in sorted_.fresh] == [3]
    assert sorted_.verdicts[2].code == "schema_invalid"


def test_bytes_that_were_set_aside_get_that_answer_again() -> None:
    raw = read(2, b"oops")
    aside = {raw.sha256: Known(raw.sha256, "quarantined", [], "bad_json")}
    verdict = sort_out([raw], {}, aside, {}).verdicts[2]
    assert (verdict.code, verdict.replay) == ("bad_json", True)


def test_poisoned_bytes_are_set_aside_and_claim_nothing() -> None:
    raw = read(2, GOOD)
    sorted_ = sort_out([raw], {}, {}, {raw.sha256: "ValueError"})
    assert sorted_.verdicts[2].code == "handler_failed"
    assert sorted_.aside == [raw]
    assert raw.detail == "ValueError"


POOL = [line() for _ in range(3)] + [line(id=ID), GOOD, line(id=ID, body={}), b"x", b"[]"]


@given(st.lists(st.sampled_from(POOL), max_size=12))
def test_every_line_gets_exactly_one_verdict_or_is_fresh_and_ids_are_claimed_once(
    raws: list[bytes],
) -> None:
    lines = [read(no, raw) for no, raw in enumerate(raws, 2)]
    sorted_ = sort_out(lines, {}, {}, {})
    fresh = {x.no for x in sorted_.fresh}
    groups = [fresh, set(sorted_.verdicts), set(sorted_.twins)]
    assert sum(map(len, groups)) == len(lines)
    ids = [x.id for x in sorted_.fresh]
    assert len(ids) == len(set(ids))
