"""The storages there are."""
