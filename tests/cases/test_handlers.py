"""Reports as they are handed in."""

from flask import Flask

from server.cases.handlers import handle_reports
from server.cases.models import Report
from server.cases.schemas import REPORT
from server.items.handling import ACCEPTED, Incoming
from server.kernel.database import reading, writing
from tests import factories
from tests.cases import given
from tests.executed import executed


def _handle(*items: Incoming) -> None:
    with writing() as session:
        assert handle_reports(session, items) == [ACCEPTED] * len(items)


def test_a_report_is_kept_with_what_was_seen(app: Flask) -> None:
    street = factories.street()
    item = given.report(
        street.workers[0],
        text="井盖缺失",
        address="三号楼东侧",
        severity="2",
        self_fixed=True,
        area=street.grids[0],
        lat=30.005,
        lon=120.005,
    )
    _handle(item)
    with reading() as session:
        seen = REPORT.dump(session.get_one(Report, item.id))
    assert seen == {
        "id": item.id,
        "member": street.workers[0],
        "area": street.grids[0],
        "category": "0101",
        "text": "井盖缺失",
        "address": "三号楼东侧",
        "severity": "2",
        "self_fixed": True,
        "lat": 30.005,
        "lon": 120.005,
        "at": "2026-11-22T01:00:00.000Z",
        "state": "received",
        "duplicate_of": None,
    }


def test_a_report_needs_no_more_than_its_category(app: Flask) -> None:
    item = given.report(factories.street().workers[0])
    _handle(item)
    with reading() as session:
        seen = session.get_one(Report, item.id)
        assert (seen.text, seen.severity, seen.self_fixed, seen.area) == (None, None, False, None)


def test_what_was_captured_before_makes_no_second_report(app: Flask) -> None:
    worker = factories.street().workers[0]
    first = given.report(worker)
    twin = given.report(worker, duplicate_of=first.id)
    _handle(first, twin)
    with reading() as session:
        seen = session.get_one(Report, twin.id)
        assert (seen.state, seen.duplicate_of) == ("duplicate", first.id)


def test_a_batch_is_one_statement(app: Flask) -> None:
    worker = factories.street().workers[0]
    reports = [given.report(worker) for _ in range(30)]
    with writing() as session, executed() as statements:
        handle_reports(session, reports)
    assert len(statements) == 1
