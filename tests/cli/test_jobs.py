"""`gewu jobs`: counts, failures with their reason, and another try."""

from datetime import timedelta

from server.kernel import clock, queue
from server.kernel.database import writing
from tests.cli.conftest import Deployment


def give_up(deployment: Deployment, key: str) -> str:
    """A job that failed; its id."""
    with deployment.app():
        with writing() as session:
            queue.put(session, "photo.look", key, most_tries=1)
        with writing() as session:
            lease = timedelta(minutes=5)
            job = queue.claim(session, ["photo.look"], "test", clock.now(), lease)
            assert job is not None
            queue.fail(session, job, "too_many_pixels", clock.now())
    return job.id


def test_an_empty_queue(deployment: Deployment) -> None:
    listed = deployment.gewu("jobs", "list")
    assert listed.exit_code == 0
    assert "Failed" not in listed.output


def test_lists_what_failed_and_tries_it_again(deployment: Deployment) -> None:
    id_ = give_up(deployment, "ab12")
    listed = deployment.gewu("jobs", "list").output
    for shown in (id_, "photo.look", "ab12", "too_many_pixels", "failed"):
        assert shown in listed
    assert id_ in deployment.gewu("jobs", "retry", id_).output
    listed = deployment.gewu("jobs", "list").output
    assert "waiting" in listed
    assert "too_many_pixels" not in listed


def test_refuses_a_job_that_did_not_fail(deployment: Deployment) -> None:
    for id_ in ("no-id", "0199a000-0000-7000-8000-000000000000"):
        refused = deployment.gewu("jobs", "retry", id_)
        assert (refused.exit_code, "No failed job" in refused.output) == (1, True)
