"""What the one scheduler process runs."""
