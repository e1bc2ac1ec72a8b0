"""The second witness (第二见证): what a photo says of itself, held against its item."""
