"""`gewu tasks push`: numbers first, each task once, whoever is killed."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.cli import queries
from server.dispatch.pushes.models import Push
from server.dispatch.pushes.rules import Subject, Target
from server.kernel.database import reading, writing
from server.kernel.ids import uuid7
from server.tasks.models import Task
from tests.cli.conftest import Deployment, wait_until
from tests.dispatch import given
from tests.duty import given as duty
from tests.factories import Post, Street, street

MANY = 12_000


@pytest.fixture
def here(deployment: Deployment) -> Street:
    with deployment.app():
        return street()


def count(deployment: Deployment) -> int:
    with deployment.app(), reading() as session:
        return session.scalar(select(func.count()).select_from(Task)) or 0


def push_id(deployment: Deployment) -> str:
    with deployment.app(), reading() as session:
        return str(session.scalars(select(Push.id)).one())


def shops(path: Path, here: Street, count: int) -> str:
    """A CSV file of so many subjects in the cells of the street."""
    lines = [f"{uuid7()},{here.grids[no % 6]}," for no in range(count)]
    path.write_text("\ufeffsubject,area,assignee\r\n" + "\r\n".join(lines), encoding="utf-8")
    return str(path)


def test_an_area_by_code_name_and_id(deployment: Deployment, here: Street) -> None:
    for area in ("330199001001", "第1社区", here.communities[0]):
        result = deployment.gewu("tasks", "push", "--area", area, "--title", "检查")
        assert result.exit_code == 0, result.output
        assert "3 tasks for 3 members" in result.output
    assert count(deployment) == 9


def test_a_dry_run_names_who_is_left_out(deployment: Deployment, here: Street) -> None:
    args = ("tasks", "push", "--role", "leader", "--area", "330199001", "--title", "检查")
    result = deployment.gewu(*args, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "1 tasks for 1 members" in result.output
    assert "Left out: 3" in result.output
    assert "第2社区第1网格" in result.output
    assert count(deployment) == 0


def test_a_dry_run_names_who_is_absent_and_who_stands_in(
    deployment: Deployment, here: Street
) -> None:
    with deployment.app():
        duty.slip(here.workers[0], backup=here.workers[1])
    args = ("tasks", "push", "--area", "330199001001", "--title", "检查", "--dry-run")
    result = deployment.gewu(*args)
    assert result.exit_code == 0, result.output
    assert "3 tasks for 2 members" in result.output
    assert "Absent, stood in for: 1" in result.output
    with deployment.app(), reading() as session:
        names = queries.names(session, here.workers[:2])
    (told,) = [line for line in result.output.splitlines() if names[here.workers[0]] in line]
    assert names[here.workers[1]] in told and "第1社区第1网格" in told


def test_a_list_of_subjects(deployment: Deployment, here: Street, tmp_path: Path) -> None:
    file = shops(tmp_path / "shops.csv", here, 700)
    result = deployment.gewu("tasks", "push", "--subjects", file, "--title", "年检")
    assert result.exit_code == 0, result.output
    assert "Gave 700 tasks" in result.output
    with deployment.app():
        given.check_each_once(push_id(deployment))


def test_a_list_as_a_chinese_spreadsheet_writes_it(
    deployment: Deployment, here: Street, tmp_path: Path
) -> None:
    file = tmp_path / "shops.csv"
    file.write_bytes(f"subject,area\r\n{uuid7()},第1社区第1网格\r\n".encode("gb18030"))
    result = deployment.gewu("tasks", "push", "--subjects", str(file), "--title", "年检")
    assert result.exit_code == 0, result.output
    assert "Gave 1 tasks" in result.output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\0", "the columns are"),
        ("shop,area\nx,y\n", "the columns are"),
        ("subject,area\nx,330199001\n", "line 2"),
        ("subject,area\n00000000-0000-7000-8000-000000000000,nowhere\n", "nowhere"),
        ("subject,area\n00000000-0000-7000-8000-000000000000\n", "line 2"),
        ("", "the columns are"),
        ("\xff\xfe", "neither UTF-8 nor GB18030"),
        (f"subject,area\nx,{'9' * 140_000}\n", "line 2"),
    ],
)
def test_a_bad_list_is_refused(
    deployment: Deployment, here: Street, tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "shops.csv").write_text(text, encoding="latin-1")
    file = str(tmp_path / "shops.csv")
    result = deployment.gewu("tasks", "push", "--subjects", file, "--title", "年检")
    assert result.exit_code == 1
    assert said in result.output


@pytest.mark.parametrize(
    "args",
    [
        ("--title", "x"),
        ("--to", "nobody-at-all", "--title", "x"),
        ("--area", "nowhere", "--title", "x"),
        ("--area", "330199001"),
        ("--area", "330199001", "--template", "no_such"),
        ("--area", "330199001", "--role", "department", "--title", "x"),
        ("--resume", "nonsense"),
        ("--resume", "00000000-0000-7000-8000-000000000000"),
    ],
)
def test_what_cannot_be_pushed(deployment: Deployment, here: Street, args: tuple[str, ...]) -> None:
    result = deployment.gewu("tasks", "push", *args)
    assert result.exit_code in (1, 2)
    assert count(deployment) == 0


def test_a_large_number_is_asked_for_before_anything_is_written(
    deployment: Deployment, here: Street
) -> None:
    args = ("tasks", "push", "--area", "330199001", "--title", "检查")
    for typed in ("n\n", ""):
        result = deployment.gewu(*args, typed=typed, GEWU_PUSH_ASK="5")
        assert result.exit_code == 1
        assert "Give 6 tasks?" in result.output
    with deployment.app(), reading() as session:
        assert session.query(Push).count() == 0
    assert deployment.gewu(*args, typed="y\n", GEWU_PUSH_ASK="5").exit_code == 0
    assert deployment.gewu(*args, "--yes", GEWU_PUSH_ASK="5").exit_code == 0
    assert count(deployment) == 12


def test_killed_and_gone_on_with_each_task_is_there_once(
    deployment: Deployment, here: Street, tmp_path: Path
) -> None:
    file = shops(tmp_path / "shops.csv", here, MANY)
    args = ("tasks", "push", "--subjects", file, "--title", "年检")
    program = deployment.start(*args)
    wait_until(lambda: count(deployment) > 0, program)
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert 0 < count(deployment) < MANY
    push = push_id(deployment)
    result = deployment.gewu("tasks", "push", "--resume", push)
    assert result.exit_code == 0, result.output
    with deployment.app():
        given.check_each_once(push)
    again = deployment.gewu("tasks", "push", "--resume", push)
    assert f"Gave {MANY} tasks" in again.output
    assert count(deployment) == MANY


def test_two_processes_at_once_and_a_killed_third_give_each_task_once(
    deployment: Deployment, here: Street, tmp_path: Path
) -> None:
    with deployment.app():
        target = Target(subjects=tuple(_subjects(here)))
        push = given.push(here, target)
    programs = [deployment.start("tasks", "push", "--resume", push) for _ in range(3)]
    wait_until(lambda: count(deployment) > 0, programs[0])
    programs[0].send_signal(signal.SIGKILL)
    for program in programs[1:]:
        assert program.wait(timeout=120) == 0, deployment.log(program)
    with deployment.app():
        given.check_each_once(push)


def _subjects(here: Street) -> list[Subject]:
    return [Subject(uuid7(), here.grids[no % 6]) for no in range(MANY)]


def test_the_worker_brings_to_its_end_what_nobody_drives(
    deployment: Deployment, here: Street
) -> None:
    with deployment.app():
        push = given.push(here, Target(subjects=tuple(_subjects(here))))
    workers = [deployment.start("worker", GEWU_JOB_LEASE_S="1") for _ in range(2)]
    wait_until(lambda: count(deployment) > 0, workers[0])
    workers[0].send_signal(signal.SIGKILL)
    with deployment.app():
        wait_until(lambda: given.row(push).state == "done", workers[1])
        given.check_each_once(push)


def test_a_backup_less_cell_is_left_out_by_name(deployment: Deployment, here: Street) -> None:
    with deployment.app(), writing() as session:
        session.query(Post).filter_by(member=here.workers[0]).delete()
    result = deployment.gewu("tasks", "push", "--area", "330199001001", "--title", "检查")
    assert "2 tasks for 2 members" in result.output
    assert "nobody" in result.output
