"""What is installed, and under which licence; nothing of it is part of the product."""

KINTO = (
    "kinto[postgresql]==26.5.0",  # Apache-2.0
    "pyuwsgi==2.0.30.post1",  # GPL-2.0 with linking exception; uWSGI as wheels
    "psycopg2-binary==2.9.13",  # LGPL-3.0 with exceptions
    "sqlalchemy==2.1.9",  # MIT
)
POUCHDB = (
    "pouchdb-server@4.2.0",  # Apache-2.0
    "leveldown@5.6.0",  # MIT; its LevelDB is BSD-3-Clause
)
