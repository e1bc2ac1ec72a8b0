"""The schema's history; `gewu db upgrade` walks it."""
