"""Backups: one consistent moment of the database and the files that it names.

A target (folder or bucket) holds `files/…`, shared by all backups since a file is written once, and
for each backup `backups/<its moment>/` with `database.dump`, `files.txt` (what it needs) and
`manifest.json`, written last: a folder without it is no backup. See docs/howto/backup.md.
"""
