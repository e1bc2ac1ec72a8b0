"""A worker that is killed in the middle of a plan's runs: `python -m tests.dispatch.killed`.

It is `gewu worker` but for this: the push of the second run is written and not yet committed when
it writes `middle`, and waits to be killed.
"""

import sys
import time
from typing import Any

from server import worker
from server.config import load
from server.dispatch.plans import running
from server.dispatch.pushes.models import Push


def main() -> None:
    planned, made = running.pushes.plan, list[Push]()

    def stop_here(session: Any, ordered: Any) -> Push:
        made.append(planned(session, ordered))
        if len(made) == 2:
            session.flush()
            sys.stdout.write("middle\n")
            sys.stdout.flush()
            time.sleep(600)
        return made[-1]

    running.pushes.plan = stop_here  # type: ignore[attr-defined]
    worker.work(load())


if __name__ == "__main__":
    main()
