"""What needs a photo and the items that name it together."""
