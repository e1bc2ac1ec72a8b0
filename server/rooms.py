"""The rooms of the house, opened for an app: their doors, and who listens to whom."""

from flask import Flask

from server.config import Settings
from server.extensions import api
from server.grid.api import blueprints as grid_doors
from server.items.api import blueprints as items_doors
from server.media.api import blueprints as media_doors
from server.sync.api import blueprints as sync_doors
from server.tasks.api import blueprints as tasks_doors


def open_all(app: Flask, settings: Settings) -> None:
    """Register every room's blueprints."""
    for door in (*grid_doors, *items_doors, *media_doors, *tasks_doors, *sync_doors):
        api.register_blueprint(door)
