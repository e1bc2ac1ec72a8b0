"""What the product costs, measured as it is served (`make bench`)."""
