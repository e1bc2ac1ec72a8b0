"""A worker that is killed in the middle of an escalation: `python -m tests.duty.killed URL DATA`.

It writes `middle` once the steps are written and not yet committed, and waits to be killed.
"""

import sys
import time
from datetime import timedelta
from pathlib import Path

from server.app import create_app
from server.duty import jobs
from server.duty.service import escalation
from server.kernel import clock
from server.kernel.database import db
from server.notices import service as notices
from tests.conftest import settings_for


def main(url: str, data: str, hours: str) -> None:
    """Escalate what is due so many hours from now, and never come to the end."""
    told = notices.tell

    def stop_here(session: object, told_: object) -> None:
        told(session, told_)  # type: ignore[arg-type]
        db.session().flush()
        sys.stdout.write("middle\n")
        sys.stdout.flush()
        time.sleep(600)

    escalation.notices.tell = stop_here  # type: ignore[attr-defined]
    settings = settings_for(Path(data), url)
    moment = clock.now() + timedelta(hours=float(hours))
    with create_app(settings).app_context(), clock.standing_at(moment):
        jobs.escalate_tasks(settings, moment)


if __name__ == "__main__":
    main(*sys.argv[1:])
