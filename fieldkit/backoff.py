"""How long to wait before the next try: full jitter, for ever (docs/protocol.md, 11). Pure."""

BASE_S = 2.0
CAP_S = 900.0


def delay(attempt: int, draw: float, retry_after: float | None = None) -> float:
    """Seconds to wait after the `attempt`-th failure in a row (1, 2, …).

    `draw` is a random number in [0, 1]. The wait is spread over [0, min(CAP, BASE·2^attempt)]
    and is never shorter than the server's `retry_after`.
    """
    ceiling = min(CAP_S, BASE_S * 2 ** min(attempt, 30))
    return max(draw * ceiling, float(retry_after or 0))
