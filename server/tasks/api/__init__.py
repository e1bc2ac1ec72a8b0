"""The HTTP doors of the tasks room, one file for what they are about."""

from server.tasks.api.answers import blp as answers
from server.tasks.api.changes import blp as changes
from server.tasks.api.statistics import blp as statistics
from server.tasks.api.tasks import blp as tasks

blueprints = (tasks, changes, answers, statistics)
