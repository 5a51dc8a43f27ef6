"""What addresses are made of, how a typed one is read, and how near a point lies."""
