"""Numbers for Prometheus: requests, their duration, items of exchanges by verdict.

No label holds personal data or an id: rules are templates, methods and statuses are closed sets.
"""

import os
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, request

METHODS = {"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"}
BUCKETS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


class Metrics:
    """The counters of one app; with `FOLDER` set they are summed over all web processes."""

    def __init__(self) -> None:
        # At its import prometheus_client decides if it counts for one process or for many.
        import prometheus_client as prometheus

        self._prometheus = prometheus
        self._registry = prometheus.CollectorRegistry()
        self.requests = prometheus.Counter(
            "gewu_requests",
            "Requests answered",
            ["rule", "method", "status"],
            registry=self._registry,
        )
        self.seconds = prometheus.Histogram(
            "gewu_request_seconds",
            "Seconds from the first byte to the answer",
            ["rule"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self.turned_away = prometheus.Counter(
            "gewu_turned_away",
            "Requests told at the gate to come later",
            registry=self._registry,
        )
        self.items = prometheus.Counter(
            "gewu_exchange_items",
            "Items handed in, by verdict; replays apart",
            ["status"],
            registry=self._registry,
        )

    def exposition(self) -> tuple[bytes, str]:
        """(text, content type) that Prometheus reads."""
        return self._prometheus.generate_latest(self._all()), self._prometheus.CONTENT_TYPE_LATEST

    def _all(self) -> Any:
        if FOLDER not in os.environ:
            return self._registry
        from prometheus_client.multiprocess import MultiProcessCollector

        summed = self._prometheus.CollectorRegistry()
        MultiProcessCollector(summed)
        return summed


def init_app(app: Flask) -> None:
    """Count what the app answers."""
    app.extensions["gewu_metrics"] = Metrics()
    app.before_request(_start)
    app.after_request(_count)


def metrics() -> Metrics:
    """The counters of the current app."""
    found: Metrics = current_app.extensions["gewu_metrics"]
    return found


def count_items(by_status: Mapping[str, int]) -> None:
    """Add the verdicts of one exchange, by status; `replay` for those given again."""
    for status, number in by_status.items():
        metrics().items.labels(status).inc(number)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    rule = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    metrics().requests.labels(rule, method, str(response.status_code)).inc()
    if "started" in g:
        metrics().seconds.labels(rule).observe(time.perf_counter() - g.started)
    return response
