"""The HTTP doors of the room, one file a noun."""

from server.grid.api.areas import blp as areas
from server.grid.api.devices import blp as devices
from server.grid.api.members import blp as members
from server.grid.api.posts import blp as posts
from server.grid.api.sessions import blp as sessions

blueprints = (sessions, areas, members, posts, devices)
