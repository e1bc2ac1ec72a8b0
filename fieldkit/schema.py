"""The tables of the device's store, as a list of migrations (`PRAGMA user_version`)."""

_V1 = (
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # One row per captured item, for its whole life: queued → sent | tray.
    """
    CREATE TABLE items (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        seq INTEGER NOT NULL,
        kind TEXT NOT NULL,
        task TEXT,
        member TEXT NOT NULL,
        line BLOB NOT NULL,
        sha256 TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL,
        captured TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'tray')),
        attempts INTEGER NOT NULL DEFAULT 0,
        status TEXT,
        flags TEXT NOT NULL DEFAULT '[]',
        code TEXT,
        message TEXT,
        receipt INTEGER,
        settled TEXT
    )
    """,
    "CREATE INDEX items_queue ON items (rank, n) WHERE state = 'queued'",
    """
    CREATE TABLE media (
        sha256 TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        type TEXT NOT NULL,
        role TEXT,
        state TEXT NOT NULL DEFAULT 'queued'
            CHECK (state IN ('queued', 'done', 'failed', 'lost')),
        reason TEXT
    )
    """,
    """
    CREATE TABLE item_media (
        item TEXT NOT NULL REFERENCES items (id),
        sha256 TEXT NOT NULL REFERENCES media (sha256),
        PRIMARY KEY (item, sha256)
    )
    """,
    """
    CREATE TABLE objects (
        kind TEXT NOT NULL,
        id TEXT NOT NULL,
        version INTEGER NOT NULL,
        op TEXT NOT NULL,
        body TEXT,
        reason TEXT,
        seq INTEGER NOT NULL,
        stale INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (kind, id)
    )
    """,
    """
    CREATE TABLE receipts (
        install TEXT NOT NULL,
        epoch TEXT NOT NULL,
        no INTEGER NOT NULL,
        items INTEGER NOT NULL,
        root TEXT NOT NULL,
        prev TEXT NOT NULL,
        at TEXT NOT NULL,
        sig TEXT NOT NULL,
        lines TEXT NOT NULL,
        PRIMARY KEY (install, epoch, no)
    )
    """,
    "PRAGMA user_version = 1",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_V1,)
