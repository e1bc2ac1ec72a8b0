"""Photos (照片) for simulated shifts: drawn ones, or real ones from a folder."""

import random
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import piexif

from fieldkit.capture import sniff
from fieldkit.errors import InputError
from fieldkit.exif import write_facts
from fieldkit.simulator.scenes import HEIGHT, SCENES, WIDTH, street

_MAKE = b"Gewu Demo"
_QUALITY = 78
# How much of the grain of a small sensor is mixed in; it also makes the file as large as a photo.
_GRAIN = 0.07
_UPRIGHT, _TURNED = 1, 6
_HEAD = 12


@dataclass(frozen=True)
class Shot:
    """A photo to be taken: `scene` is a key of `scenes.SCENES`, the place in WGS-84 degrees."""

    scene: str
    seed: int
    at: datetime
    lat: float
    lon: float
    role: str = "near"


class Album(Protocol):
    """Where the photos of a simulated shift come from."""

    def photo(self, shot: Shot) -> Path:
        """A file with the photo."""


class DrawnAlbum:
    """Draws each shot into `folder`; equal shots give equal bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def photo(self, shot: Shot) -> Path:
        """A JPEG of 100 to 250 kB with time, place, orientation and make in its EXIF."""
        orientation = _TURNED if shot.seed % 3 == 0 else _UPRIGHT
        path = self._folder / f"{shot.scene}-{shot.seed}-{shot.role}.jpg"
        exif = {
            piexif.ImageIFD.Make: _MAKE,
            piexif.ImageIFD.Model: _MAKE,
            piexif.ImageIFD.Orientation: orientation,
        }
        image = draw(shot)
        if orientation == _TURNED:
            image = image.rotate(90, expand=True)
        image.save(path, "JPEG", quality=_QUALITY, exif=piexif.dump({"0th": exif}))
        write_facts(path, path, at=shot.at, lat=shot.lat, lon=shot.lon)
        return path


class FolderAlbum:
    """Real photos from a folder, as they are; a shot picks one by its seed."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError when nothing in the folder is a photo that a device takes in."""
        self._files = [path for path in sorted(folder.iterdir()) if _is_photo(path)]
        if not self._files:
            raise InputError("no_photos", folder=folder)

    def photo(self, shot: Shot) -> Path:
        """One of the files."""
        return self._files[shot.seed % len(self._files)]


def draw(shot: Shot) -> Any:
    """The shot as an upright Pillow image of 1280 × 960, with its scene and seed written on it."""
    from PIL import Image, ImageDraw, ImageFont

    rng = random.Random(f"{shot.scene} {shot.seed} {shot.role}")
    image = Image.new("RGB", (WIDTH, HEIGHT))
    canvas = ImageDraw.Draw(image)
    street(canvas, rng)
    SCENES[shot.scene](canvas, rng)
    label = f"Gewu Demo  {shot.scene}  #{shot.seed}  {shot.role}  {shot.at:%Y-%m-%d %H:%M}"
    canvas.rectangle((0, HEIGHT - 56, WIDTH, HEIGHT), fill=(0, 0, 0))
    canvas.text((16, HEIGHT - 48), label, fill=(255, 255, 255), font=ImageFont.load_default(32))
    grain = Image.frombytes("L", (WIDTH, HEIGHT), rng.randbytes(WIDTH * HEIGHT))
    return Image.blend(image, grain.convert("RGB"), _GRAIN)


def _is_photo(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return sniff(file.read(_HEAD)) is not None
