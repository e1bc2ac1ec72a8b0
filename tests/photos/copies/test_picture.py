"""Decoding within bounds, upright, without metadata; thumbs that fit into 6 kB."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from server.photos.copies import picture
from server.photos.copies.picture import THUMB_BYTES, Unusable
from tests.media.reading.drawn import PHOTOS
from tests.photos.copies import drawn
from tests.photos.copies.drawn import LIMITS


def decode(content: bytes) -> Image.Image:
    return picture.decode(BytesIO(content), LIMITS)


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def is_red(image: Image.Image, x: int, y: int) -> bool:
    red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return bool(red > 180 and green < 90 and blue < 90)


@pytest.mark.parametrize("path", sorted(PHOTOS.glob("*.jpg")), ids=lambda path: path.name)
def test_real_photos_give_small_copies_without_their_metadata(path: Path) -> None:
    thumb, screen = picture.copies(decode(path.read_bytes()))
    assert len(thumb.content) <= THUMB_BYTES
    assert max(screen.width, screen.height) <= 1280
    for made in (thumb, screen):
        shown = opened(made.content)
        assert (shown.format, shown.size) == ("WEBP", (made.width, made.height))
        assert not shown.info.keys() & {"exif", "xmp", "icc_profile"}
        assert not shown.getexif()
        assert not any(word in made.content for word in (b"EXIF", b"XMP ", b"ICCP"))


@pytest.mark.parametrize("path", sorted(PHOTOS.glob("*_[36].jpg")), ids=lambda path: path.name)
def test_real_photos_stand_upright(path: Path) -> None:
    image = decode(path.read_bytes())
    assert (image.height > image.width) == path.name.startswith("portrait")


# Where the block at the top left of the stored pixels is seen, by EXIF orientation.
CORNERS = {
    1: (0, 0),
    2: (1, 0),
    3: (1, 1),
    4: (0, 1),
    5: (0, 0),
    6: (1, 0),
    7: (1, 1),
    8: (0, 1),
}


@pytest.mark.parametrize("orientation", CORNERS)
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_the_camera_was_held_like_that(orientation: int, format_: str) -> None:
    image = decode(drawn.saved(drawn.marked(400, 200), format_, exif=drawn.exif(orientation)))
    assert image.size == ((400, 200) if orientation < 5 else (200, 400))
    right, bottom = CORNERS[orientation]
    corner = (right * (image.width - 11) + 5, bottom * (image.height - 11) + 5)
    other = ((1 - right) * (image.width - 11) + 5, (1 - bottom) * (image.height - 11) + 5)
    assert is_red(image, *corner)
    assert not is_red(image, *other)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_is_none_is_passed_over(orientation: int) -> None:
    image = decode(drawn.saved(drawn.marked(400, 200), exif=drawn.exif(orientation)))
    assert image.size == (400, 200)


def test_nothing_is_made_larger() -> None:
    thumb, screen = picture.copies(decode(drawn.saved(drawn.marked(90, 60))))
    assert (thumb.width, thumb.height) == (screen.width, screen.height) == (90, 60)


@pytest.mark.parametrize("size", [(4000, 3000), (300, 4000), (4000, 20), (1, 1)])
def test_noise_fits_into_a_thumb(size: tuple[int, int]) -> None:
    thumb = picture.thumb(decode(drawn.saved(drawn.noise(*size), quality=95)))
    assert len(thumb.content) <= THUMB_BYTES
    assert opened(thumb.content).size == (thumb.width, thumb.height)


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "I;16"])
def test_every_kind_of_pixels(mode: str) -> None:
    image = decode(drawn.saved(drawn.marked(300, 200).convert("L").convert(mode), "PNG"))
    assert (image.mode, image.size) == ("RGB", (300, 200))
    assert picture.copies(image)


def test_what_is_transparent_is_white() -> None:
    image = decode(drawn.saved(Image.new("RGBA", (40, 40), (200, 0, 0, 0)), "PNG"))
    assert image.getpixel((20, 20)) == (255, 255, 255)


def test_cmyk() -> None:
    image = decode(drawn.saved(drawn.marked(300, 200).convert("CMYK")))
    assert is_red(image, 10, 10)


def test_a_profile_is_applied_and_a_broken_one_passed_over() -> None:
    grey = Image.new("RGB", (60, 60), (100, 150, 200))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    with_profile = decode(drawn.saved(grey, "PNG", icc_profile=srgb))
    broken = decode(drawn.saved(grey, "PNG", icc_profile=b"no profile at all" * 20))
    assert with_profile.getpixel((5, 5)) == broken.getpixel((5, 5)) == (100, 150, 200)
    assert "icc_profile" not in with_profile.info


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty_file"),
        (drawn.bomb(), "too_many_pixels"),
        (drawn.truncated(), "truncated"),
        (b"\xff\xd8\xff\xe0 a photo", "unreadable_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unreadable_image"),
        (b"GIF89a" + bytes(100), "unreadable_image"),
        (drawn.saved(drawn.marked(30, 30), "TIFF"), "unreadable_image"),
        (drawn.png(300, 300, b"no zlib at all"), "unreadable_image"),
    ],
)
def test_what_gives_no_picture_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=f"^{reason}$"):
        decode(content)


@pytest.mark.parametrize("path", sorted(PHOTOS.glob("*.HEIC")), ids=lambda path: path.name)
def test_a_heic_photo_needs_the_extra(path: Path) -> None:
    try:
        import pillow_heif  # noqa: F401
    except ImportError:
        with pytest.raises(Unusable, match="heic_unsupported"):
            decode(path.read_bytes())
    else:
        assert picture.copies(decode(path.read_bytes()))


def test_of_a_photo_that_is_a_page_too_only_the_picture_is_left() -> None:
    for made in picture.copies(decode(drawn.polyglot())):
        assert b"script" not in made.content
