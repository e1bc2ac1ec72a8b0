"""A street, a worker's phone that uploads, and another worker's in the other community."""

from tests.items.conftest import ask
from tests.media.conftest import other, street, tus

__all__ = ["ask", "other", "street", "tus"]
