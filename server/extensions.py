"""The Flask extensions: one is made once and bound in create_app(), one is made for each app."""

from threading import Lock

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask
from flask_migrate import Migrate
from flask_smorest import Api, Blueprint

from server.http.fields import OPENAPI_TYPES, describe

migrate = Migrate()


class Doors(Api):
    """The HTTP doors of one app; they are described when somebody asks, which few processes do."""

    def __init__(self, app: Flask) -> None:
        plugin = MarshmallowPlugin()
        self._undescribed: list[Blueprint] = []
        self._describing = Lock()
        super().__init__(app, spec_kwargs={"marshmallow_plugin": plugin})
        describe(OPENAPI_TYPES, plugin.converter)

    def open(self, door: Blueprint) -> None:
        """Register the blueprint; instead of `register_blueprint`, which describes it at once."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][door.name] = self
        self._app.register_blueprint(door)
        self._undescribed.append(door)

    def described(self) -> APISpec:
        """The description of all doors."""
        with self._describing:
            for door in self._undescribed:
                door.register_views_in_doc(
                    self, self._app, self.spec, name=door.name, parameters=None
                )
                self.spec.tag({"name": door.name, "description": door.description})
            self._undescribed.clear()
        return self.spec
