"""The envelope of what a device sent: raw line, verdict, duplicates, quarantine."""
