"""Seen before? Whether a photo, or one alike, came in with another item (照片查重)."""
