"""Real photos, where the folder of photos is there."""

from datetime import datetime

import pytest
from PIL import Image

from server.media.reading import read
from tests.media.reading.drawn import PHOTOS

REAL = sorted(PHOTOS.glob("*.[jJhH][pPeE]*"))
EXPECTED = {
    "45-gps_ifd.jpg": {"model": "Gran Turismo 5", "lat": None, "problems": ["exif_entry_broken"]},
    "67-0_length_string.jpg": {"make": "samsung", "lat": 51.025, "lon": 7.59194, "alt": 340},
    "DSCN0010.jpg": {"lat": 43.46745, "lon": 11.88513, "model": "COOLPIX P6000"},
    "iphone_hdr_YES.jpg": {"lat": 40.44697, "lon": -3.72475, "direction": 211.2013},
    "jolla.jpg": {"make": "Jolla", "taken_at": datetime(2014, 9, 21, 16, 0, 56)},
    "landscape_3.jpg": {"orientation": 3},
    "portrait_6.jpg": {"orientation": 6},
    "image00971.jpg": {"lat": None, "make": None, "taken_at": None},
    "iphone_13_pro_max.HEIC": {"make": "Apple", "model": "iPhone 13 Pro Max", "orientation": 1},
}


@pytest.mark.parametrize("path", REAL, ids=[path.name for path in REAL])
def test_real_photos(path):
    with path.open("rb") as file:
        facts = read(file)
    assert facts.format == ("HEIC" if path.suffix == ".HEIC" else "JPEG")
    for name, value in ({"problems": []} | EXPECTED.get(path.name, {})).items():
        expected = pytest.approx(value, abs=1e-4) if isinstance(value, float) else value
        assert getattr(facts, name) == expected, name


@pytest.mark.parametrize("path", REAL, ids=[path.name for path in REAL])
def test_the_size_is_that_of_the_decoder(path):
    if path.suffix == ".HEIC":
        pytest.importorskip("pillow_heif").register_heif_opener()
    with path.open("rb") as file, Image.open(path) as image:
        facts = read(file)
    assert (facts.width, facts.height) == image.size
