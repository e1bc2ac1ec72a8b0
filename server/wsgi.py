"""The web process: `server.wsgi:app` is what gunicorn serves; settings come from `GEWU_*`."""

from server.app import create_app
from server.kernel import logs

logs.configure()
app = create_app()
