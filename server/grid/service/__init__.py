"""Acts on areas, members, posts, devices and log-ins, one file each."""

from server.grid.service.devices import make_enrolment
from server.grid.service.members import create_admin

__all__ = ["create_admin", "make_enrolment"]
