"""The web process: `server.wsgi:app` is what gunicorn serves; settings come from `GEWU_*`."""

import gc

from server.app import create_app
from server.kernel import logs

COLLECT_AFTER = (50_000, 20, 20)

logs.configure()
app = create_app()
# What was loaded stays: the collector need not walk through it for each few batches of garbage.
gc.collect()
gc.freeze()
gc.set_threshold(*COLLECT_AFTER)
