"""`gewu absences`: written, listed, ended by the person at the machine."""

import re

from server.duty.models import Absence
from server.kernel.database import reading
from tests.cli.conftest import Deployment
from tests.factories import street


def test_an_absence_is_added_listed_and_ended(deployment: Deployment) -> None:
    with deployment.app():
        here = street()
    words = ("--member", here.workers[0], "--backup", here.workers[1], "--reason", "看病")
    period = ("--from", "2036-01-01", "--to", "2036-01-03T12:00+08:00")
    added = deployment.gewu("absences", "add", *words, *period)
    assert added.exit_code == 0, added.output
    (id_,) = re.findall(r"[0-9a-f-]{36}", added.output)
    listed = deployment.gewu("absences", "list", "--member", here.workers[0]).output
    assert id_ in listed and "approved" in listed and "2036-01-03 12:00:00" in listed
    assert "看病" not in listed
    assert "0 rows" in deployment.gewu("absences", "list", "--member", here.workers[2]).output

    again = deployment.gewu("absences", "add", *words, *period)
    assert again.exit_code == 1 and id_ in again.output
    assert deployment.gewu("absences", "end", id_).exit_code == 0
    with deployment.app(), reading() as session:
        assert session.get(Absence, id_).ended_at is not None  # type: ignore[union-attr]


def test_what_is_no_absence_or_no_day_is_refused(deployment: Deployment) -> None:
    assert "No absence" in deployment.gewu("absences", "end", "7").output
    unknown = deployment.gewu("absences", "end", "0199c0de-0000-7000-8000-000000000001")
    assert unknown.exit_code == 1
    period = ("--from", "2036-01-01T08:00", "--to", "2036-01-03")
    result = deployment.gewu("absences", "add", "--member", "admin", *period)
    assert result.exit_code == 2 and "Neither a day" in result.output
