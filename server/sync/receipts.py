"""Receipts (回执): signed, numbered without gaps per install, chained (docs/protocol.md, 10)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.items.verdicts import Verdict
from server.kernel.signing import Signer
from server.kernel.statements import Insertion
from server.sync import rules
from server.sync.models import Receipt
from server.sync.rules import Install
from server.sync.schemas import KeptReceiptView

KEPT = KeptReceiptView()
PAGE = 100
SHOWN = ("no", "items", "root", "prev", "at", "sig")
_RECEIPTS = Insertion(Receipt)


def give(
    session: Session,
    install: Install,
    signer: Signer,
    epoch: str,
    at: str,
    verdicts: Sequence[Verdict],
) -> dict[str, Any] | None:
    """The next receipt of the install, for `verdicts`; None if there are none."""
    if not verdicts:
        return None
    lines = [[verdict.sha256, verdict.status] for verdict in verdicts]
    no, prev, root = install.receipt + 1, install.receipt_hash, rules.root_of(lines)
    text = rules.signed_text(epoch, install.install, no, at, len(lines), root, prev)
    receipt = {
        "install": install.install,
        "no": no,
        "epoch": epoch,
        "at": at,
        "items": len(lines),
        "root": root,
        "prev": prev,
        "sig": signer.sign(text),
        "lines": lines,
    }
    _RECEIPTS.write(session, [receipt])
    install.receipt, install.receipt_hash = no, rules.text_hash(text)
    return {name: receipt[name] for name in SHOWN}


def given(session: Session, install: str, first: int) -> dict[str, Any]:
    """The receipts of the install from number `first` on, a page of them."""
    rows = session.scalars(
        select(Receipt)
        .where(Receipt.install == install, Receipt.no >= first)
        .order_by(Receipt.no)
        .limit(PAGE + 1)
    ).all()
    following = rows[PAGE].no if len(rows) > PAGE else None
    return {"receipts": KEPT.dump(rows[:PAGE], many=True), "next": following}
