"""The Flask extensions, made once and bound to an app in create_app()."""

from flask_migrate import Migrate
from flask_smorest import Api

migrate = Migrate()
api = Api()
