"""The Flask extensions, made once and bound to an app in create_app()."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_smorest import Api

import server.http.ratelimits  # noqa: F401  registers the file store with `limits`

migrate = Migrate()
api = Api()
limiter = Limiter(key_func=get_remote_address, headers_enabled=False, strategy="moving-window")
