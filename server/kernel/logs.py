"""Logs of the long-running programs: one JSON object a line, to standard error."""

import json
import logging
import sys
from typing import Any

import msgspec
import structlog
from structlog.tracebacks import ExceptionDictTransformer

# Local variables may hold tokens and residents' data.
WITHOUT_VALUES = ExceptionDictTransformer(show_locals=False)
_ENCODER = msgspec.json.Encoder(enc_hook=repr)


def configure() -> None:
    """Set structlog up; called once by each program that serves."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(WITHOUT_VALUES),
            _line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _line(logger: Any, level: str, event: Any) -> bytes:
    """The event as JSON; a text that cannot be UTF-8 is escaped."""
    try:
        return _ENCODER.encode(event)
    except UnicodeEncodeError:
        return json.dumps(event, default=repr).encode()
