"""The web process beside its gate: what it tells its parent."""

import os
from types import SimpleNamespace

from gunicorn.config import Config

from server.gate.process import BEAT_S, WebProcess


def test_it_tells_that_it_lives_once_a_beat() -> None:
    cfg = Config()
    process = WebProcess(0, os.getppid(), [], SimpleNamespace(cfg=cfg), 60, cfg, None)
    process.told = -BEAT_S

    def is_told() -> bool:
        os.utime(process.tmp.fileno(), (0, 0))
        process.notify()
        return process.tmp.last_update() > 0

    assert [is_told(), is_told()] == [True, False]
    process.told -= BEAT_S
    assert [is_told(), is_told()] == [True, False]
    process.tmp.close()
