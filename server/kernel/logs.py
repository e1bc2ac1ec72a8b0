"""Logs of the long-running programs: one JSON object a line, to standard error."""

import logging
import sys

import structlog
from structlog.tracebacks import ExceptionDictTransformer

# Local variables may hold tokens and residents' data.
WITHOUT_VALUES = ExceptionDictTransformer(show_locals=False)


def configure() -> None:
    """Set structlog up; called once by each program that serves."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(WITHOUT_VALUES),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
