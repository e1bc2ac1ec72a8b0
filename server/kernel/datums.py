"""The formulas of the Chinese map datums GCJ-02 (火星坐标) and BD-09 (百度坐标).

Where they apply is decided in server/kernel/geo.py. Latitude first, longitude second, degrees.
"""

import math
from collections.abc import Callable

LatLon = tuple[float, float]
Shift = Callable[[float, float], LatLon]

# The ellipsoid of Krasovsky 1940, for which the GCJ-02 formula is written.
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_ANGLE = math.pi * 3000 / 180


def inverse(shift: Shift, lat: float, lon: float) -> LatLon:
    """The position that `shift` takes to (lat, lon): fixed-point iteration, a few rounds."""
    guess_lat, guess_lon = lat, lon
    for _ in range(20):
        shifted_lat, shifted_lon = shift(guess_lat, guess_lon)
        step_lat, step_lon = lat - shifted_lat, lon - shifted_lon
        guess_lat, guess_lon = guess_lat + step_lat, guess_lon + step_lon
        if abs(step_lat) < 1e-11 and abs(step_lon) < 1e-11:
            break
    return guess_lat, guess_lon


def gcj02(lat: float, lon: float) -> LatLon:
    """WGS-84 to GCJ-02 by the published approximation of the survey office's algorithm."""
    north_m, east_m = _offsets(lon - 105, lat - 35)
    radians = math.radians(lat)
    w2 = 1 - _ECCENTRICITY_SQUARED * math.sin(radians) ** 2
    meridian_m = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / w2**1.5
    parallel_m = _SEMI_MAJOR_M / math.sqrt(w2) * math.cos(radians)
    return lat + math.degrees(north_m / meridian_m), lon + math.degrees(east_m / parallel_m)


def _offsets(x: float, y: float) -> tuple[float, float]:
    """(metres north, metres east) at `x` degrees east of 105°E and `y` north of 35°N."""
    pi, sin, root = math.pi, math.sin, math.sqrt(abs(x))
    common = 20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    waves = (
        20 * sin(y * pi) + 40 * sin(y / 3 * pi) + 160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)
    )
    north += (common + waves) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    waves = (
        20 * sin(x * pi) + 40 * sin(x / 3 * pi) + 150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)
    )
    east += (common + waves) * 2 / 3
    return north, east


def bd09(lat: float, lon: float) -> LatLon:
    """WGS-84 to BD-09: GCJ-02 turned and stretched once more."""
    y, x = gcj02(lat, lon)
    radius = math.hypot(x, y) + 0.00002 * math.sin(y * _BD_ANGLE)
    angle = math.atan2(y, x) + 0.000003 * math.cos(x * _BD_ANGLE)
    return radius * math.sin(angle) + 0.006, radius * math.cos(angle) + 0.0065
