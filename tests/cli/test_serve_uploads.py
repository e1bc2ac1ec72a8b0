"""`gewu serve`, killed without warning in the middle of a body, goes on where it was."""

import os
import random
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

from server.kernel.database import db
from server.media.tus import CHUNK_BYTES
from tests import factories
from tests.cli.conftest import Deployment, answers, free_port, wait_until
from tests.factories import Phone
from tests.media.road import Road
from tests.media.tools import sha256

CONTENT = random.Random(5).randbytes(2_000_000)


def start(deployment: Deployment) -> tuple["subprocess.Popen[bytes]", str]:
    base = f"http://127.0.0.1:{(port := free_port())}"
    server = deployment.start("serve", "--port", str(port), "--workers", "2", "--threads", "2")
    wait_until(lambda: answers(f"{base}/readyz"), server)
    return server, base


def kill(server: "subprocess.Popen[bytes]") -> None:
    """SIGKILL to the master and all its workers: none of them gets to tidy up."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
    for pid in (server.pid, *map(int, children.split())):
        os.kill(pid, signal.SIGKILL)
    server.wait()


def enrolled(deployment: Deployment) -> Phone:
    with deployment.app():
        phone = factories.device_for(factories.street().workers[0])
        db.session.remove()
        return phone


def test_an_upload_goes_on_at_the_true_offset(deployment: Deployment) -> None:
    phone, place, dice = enrolled(deployment), "", random.Random(1)
    for _ in range(3):
        server, base = start(deployment)
        road = Road(base, phone)
        place = place or road.place(CONTENT)
        offset = road.offset(place)
        sent = dice.randint(1, 600_000)
        with closing(road.begin_patch(place, offset, len(CONTENT) - offset)) as connection:
            connection.send(CONTENT[offset : offset + sent])
            written = offset + sent // CHUNK_BYTES * CHUNK_BYTES
            while lying(deployment, place) < written:
                assert server.poll() is None
                time.sleep(0.01)
            kill(server)
        assert written <= lying(deployment, place) <= offset + sent

    _, base = start(deployment)
    road = Road(base, phone)
    offset = road.offset(place)
    assert (offset, road.place(CONTENT)) == (lying(deployment, place), place)
    assert road.patch(place, offset, CONTENT[offset:]).status == 204
    (blob,) = deployment.data.rglob(sha256(CONTENT))
    assert blob.read_bytes() == CONTENT


def lying(deployment: Deployment, place: str) -> int:
    """Bytes of the partial on the disk."""
    return (deployment.data / "media" / "partials" / place.rpartition("/")[2]).stat().st_size
