"""The limits of the current app."""

from zoneinfo import ZoneInfo

from flask import current_app

from server.config import Settings
from server.photos.witness.rules import Limits


def limits() -> Limits:
    """EXIF_FAR_M, EXIF_TIME_S and TIMEZONE of the settings."""
    settings: Settings = current_app.extensions["gewu_settings"]
    return Limits(settings.exif_far_m, settings.exif_time_s, ZoneInfo(settings.timezone))
