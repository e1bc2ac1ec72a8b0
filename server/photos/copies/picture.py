"""A photo decoded once, and its small copies. Runs in the child of darkroom.py only.

Copies are drawn anew from pixels: turned as the camera was held, in sRGB, without EXIF, XMP or any
other words of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from PIL import Image, ImageCms

from server.photos.copies.limits import Limits

THUMB_BYTES = 6 * 1024
THUMB_SIDES = (320, 240, 180, 120, 64)
THUMB_QUALITIES = (75, 60, 45, 30, 20)
SCREEN_SIDE = 1280
SCREEN_QUALITY = 80
LARGEST_PROFILE = 64 * 1024
WEBP = "image/webp"
_FORMATS = ("JPEG", "PNG", "WEBP")
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


class Unusable(Exception):
    """The file gives no picture, however often it is tried; the argument says why in a word."""


@dataclass(frozen=True, slots=True)
class Made:
    """A finished copy: its size in pixels and its bytes."""

    kind: str
    type: str
    width: int
    height: int
    content: bytes


def decode(file: IO[bytes], limits: Limits) -> Image.Image:
    """The picture at no more than needed for a screen, upright, RGB, without its metadata.

    Unusable: empty_file, heic_unsupported, unreadable_image, too_many_pixels, truncated.
    """
    image = _opened(file, limits)
    # JPEG is read at a half, a quarter or an eighth of its size if that is enough.
    image.draft("RGB", (SCREEN_SIDE, SCREEN_SIDE))
    try:
        image.load()
    except MemoryError:
        raise
    # What the decoders raise has no common base.
    except Exception as error:
        raise Unusable("truncated" if "truncated" in str(error) else "unreadable_image") from error
    return _upright(image)


def _opened(file: IO[bytes], limits: Limits) -> Image.Image:
    Image.MAX_IMAGE_PIXELS = None
    head = file.read(12)
    file.seek(0)
    if not head:
        raise Unusable("empty_file")
    formats = [*_FORMATS, *_heif(head)]
    try:
        image = Image.open(file, formats=formats)
    except Exception as error:
        raise Unusable("unreadable_image") from error
    if image.width * image.height > limits.pixels:
        raise Unusable("too_many_pixels")
    return image


def _heif(head: bytes) -> list[str]:
    """The name of the HEIC decoder for a HEIC file, if the extra is installed."""
    if head[4:8] != b"ftyp" or head[8:12] not in _HEIC_BRANDS:
        return []
    try:
        import pillow_heif
    except ImportError as error:
        raise Unusable("heic_unsupported") from error
    pillow_heif.register_heif_opener()
    return ["HEIF"]


def _upright(image: Image.Image) -> Image.Image:
    """Small first: what follows costs by the pixel, and most formats know no draft."""
    profile = image.info.get("icc_profile")
    if image.mode in ("P", "1"):
        image = image.convert("RGBA")
    orientation = image.getexif().get(0x0112, 1)
    image.thumbnail((SCREEN_SIDE, SCREEN_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    bare = _on_white(_in_srgb(image, profile))
    return _turned(bare, orientation)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the camera meant them; a profile that is broken or huge is passed over."""
    if not profile or len(profile) > LARGEST_PROFILE or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, meant, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    return converted or image


def _on_white(image: Image.Image) -> Image.Image:
    """A picture of nothing but RGB pixels."""
    if image.mode in ("RGBA", "LA", "PA"):
        seen = image.convert("RGBA")
        ground = Image.new("RGB", seen.size, "white")
        ground.paste(seen, mask=seen.getchannel("A"))
        return ground
    bare = image.convert("RGB") if image.mode != "RGB" else image.copy()
    bare.info.clear()
    return bare


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _turned(image: Image.Image, orientation: Any) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def copies(image: Image.Image) -> list[Made]:
    """The copies that every photo has, of a decoded picture."""
    return [thumb(image), screen(image)]


def screen(image: Image.Image) -> Made:
    """At most 1280 pixels on its long side, never larger than the picture."""
    return _made("screen", image, SCREEN_QUALITY)


def thumb(image: Image.Image) -> Made:
    """The best that fits into 6 kB: quality goes down first, then the size."""
    for small, quality in _ever_smaller(image):
        made = _made("thumb", small, quality)
        if len(made.content) <= THUMB_BYTES:
            return made
    raise Unusable("unreadable_image")


def _ever_smaller(image: Image.Image) -> Iterator[tuple[Image.Image, int]]:
    for side in THUMB_SIDES:
        small = image.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in THUMB_QUALITIES:
            yield small, quality


def _made(kind: str, image: Image.Image, quality: int) -> Made:
    file = BytesIO()
    image.save(file, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return Made(kind, WEBP, image.width, image.height, file.getvalue())
