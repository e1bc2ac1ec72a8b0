"""The sketch of a photo: what is kept to know it again when it was resized, packed or stamped.

The photo in 32 × 32 grey values, row by row. Codes and comparisons are made of it, so that neither
needs the photo again.
"""

from PIL import Image

SIDE = 32
BYTES = SIDE * SIDE
_PLAIN = ("L", "RGB")
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")


def of(image: Image.Image) -> bytes:
    """The sketch of a decoded photo, its orientation applied: `BYTES` grey values.

    Any mode and size will do; what shines through is taken as white, sixteen bits as their upper
    eight.
    """
    small = _plain(image).resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    return small.convert("L").tobytes()


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in _PLAIN:
        return image
    if image.mode in _DEEP:
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("RGB")
    return image.convert("RGB")
