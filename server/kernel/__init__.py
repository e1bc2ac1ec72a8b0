"""Ground: database, clock, ids, problems, feed, geo, crypto, audit."""
