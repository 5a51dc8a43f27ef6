"""`chengyun check chaos`: kill processes of a platform while clients act on it, then prove it."""
