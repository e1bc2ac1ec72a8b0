"""What every HTTP door shares: problem answers, languages, pages, versions, idempotency."""
