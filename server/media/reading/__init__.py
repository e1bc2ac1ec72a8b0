"""What a photo says about itself (照片元数据): size, place and time, without decoding a pixel.

A file is walked by its container (jpeg, png, webp, heif) to its EXIF block, the block is made safe
(tiff), and its values are judged (values, facts). Nothing in a file makes `read` raise; what cannot
be used is None, and a word of `WORDS` says why.
"""

from typing import BinaryIO

from server.media.reading import containers, facts
from server.media.reading.facts import WORDS, PhotoFacts

__all__ = ["WORDS", "PhotoFacts", "read"]


def read(file: BinaryIO) -> PhotoFacts:
    """The facts of a JPEG, PNG, WebP or HEIC file; it must be seekable and is not closed.

    Reads at most `window.MOST_BYTES`, and holds at most one EXIF block of them. OSError if the file
    itself cannot be read.
    """
    return facts.of(containers.find(file))
