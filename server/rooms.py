"""The rooms of the house, opened for an app: their doors, and who listens to whom."""

from flask import Flask

import server.jobs.models
import server.kernel.queue  # noqa: F401  and so does the queue's
from server import collector, docs, health, landing
from server.cases.api import blueprints as cases_doors
from server.config import Settings
from server.dispatch.plans.api import blp as plans_door
from server.dispatch.pushes.api import blp as pushes_door
from server.duty.api import blueprints as duty_doors
from server.duty.service import news, relief, standing
from server.extensions import Doors
from server.grid.api import blueprints as grid_doors
from server.grid.service import reach
from server.items import service as items
from server.items.api import blueprints as items_doors
from server.kernel import events, feed
from server.live.api import blueprints as live_doors
from server.media import storage
from server.media.api import blueprints as media_doors
from server.notices import service as notices
from server.notices.api import blueprints as notices_doors
from server.patrol.api import blueprints as patrol_doors
from server.photos.copies import service as copies
from server.photos.copies.api import blueprints as copies_doors
from server.photos.likeness.api import blueprints as likeness_doors
from server.regime import service as regime
from server.regime.api import blueprints as regime_doors
from server.sync import handlers
from server.sync.api import blueprints as sync_doors
from server.tasks import delivery, evidence, governing, stand_ins
from server.tasks import jobs as task_jobs
from server.tasks.api import blueprints as tasks_doors


def open_all(app: Flask, settings: Settings) -> None:
    """Register every room's blueprints."""
    doors = Doors(app)
    file_doors = (*media_doors, *likeness_doors, *copies_doors)
    field_doors = (*patrol_doors, *tasks_doors, *duty_doors, *cases_doors)
    office_doors = (*grid_doors, *regime_doors, *notices_doors, pushes_door, plans_door)
    for door in (*office_doors, *items_doors, *file_doors, *field_doors, *live_doors, *sync_doors):
        doors.open(door)
    for entrance in (landing, health, collector, docs):
        doors.open(entrance.blp)
    storage.init_app(app, settings)
    docs.init_app(app, doors)
    handlers.register()
    events.listen(events.POSTS_CHANGED, regime.posts_changed)
    events.listen(events.RECEIVED, evidence.received)
    governing.count_days_in(settings.timezone)
    for changed in (events.CALENDAR_CHANGED, events.PACKS_CHANGED):
        events.listen(changed, task_jobs.calendar_changed)
    events.listen(events.STORED, copies.stored)
    events.listen(events.STORED, items.photo_came)
    events.listen(events.NAMED, copies.named)
    events.listen(events.POSTS_ENDED, relief.posts_ended)
    events.listen(events.TASKS_GIVEN, news.given)
    events.listen(events.TASKS_RETURNED, news.returned)
    stand_ins.ask(standing.for_tasks(settings.timezone))
    feed.render_with("member", reach.render_members)
    feed.render_with("area", reach.render_areas)
    feed.render_with("pack", regime.render)
    feed.render_with("item", items.render)
    feed.render_with("task", delivery.render)
    feed.render_with("notice", notices.renderer(settings.timezone))
    feed.on_acknowledged("task", delivery.delivered)
    feed.on_acknowledged("task", delivery.let_go, op="remove")
