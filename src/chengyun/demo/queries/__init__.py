"""What the generator reads from the platform: `taken` at every start, `city` while it makes one."""
