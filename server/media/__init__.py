"""Blobs, resumable uploads and what EXIF says."""
