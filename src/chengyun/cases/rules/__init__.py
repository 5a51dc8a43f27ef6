"""Pure decisions about cases: the workflow table, clocks, proposals, duplicates. No Django."""
