"""The device protocol, and only that: push, pull, receipts, handlers."""
