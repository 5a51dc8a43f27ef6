"""Foreign layouts and storage."""
