"""What a hand-in costs, measured on the product as it is served (`make bench`)."""
