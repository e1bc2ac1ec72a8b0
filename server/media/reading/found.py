"""What a walk through a container finds, whichever container it is."""

from dataclasses import dataclass, field

from server.media.reading.window import Window

MOST_EXIF_BYTES = 1024 * 1024


@dataclass(slots=True)
class Found:
    """Pixels as a decoder gives them, and the EXIF block as TIFF (None: there is none).

    `turned`: the decoder turns the picture itself, whatever the EXIF says (HEIC).
    """

    format: str | None = None
    width: int | None = None
    height: int | None = None
    exif: bytes | None = None
    turned: bool = False
    problems: list[str] = field(default_factory=list)

    def sized(self, width: int, height: int) -> None:
        """Note the size unless it is none or one is known."""
        if self.width is None and width > 0 and height > 0:
            self.width, self.height = width, height

    def take(self, window: Window, offset: int, length: int) -> None:
        """Keep the EXIF block at `offset`, of a huge one its beginning; the first block stands."""
        if self.exif is None:
            self.keep(window.at(offset, min(length, MOST_EXIF_BYTES)), length)

    def keep(self, block: bytes, length: int) -> None:
        """Keep `block`, the beginning of `length` bytes, with or without its `Exif` prefix."""
        if length > MOST_EXIF_BYTES:
            self.problems.append("exif_too_large")
        self.exif = block[6:] if block.startswith(b"Exif\0") else block
