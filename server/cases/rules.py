"""Decisions on reports (上报)."""

RECEIVED, DUPLICATE = "received", "duplicate"


def state_of(duplicate_of: str | None) -> str:
    """`duplicate` for a capture that came before under another id: it makes no second report."""
    return RECEIVED if duplicate_of is None else DUPLICATE
