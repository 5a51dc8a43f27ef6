"""Reading files, runs and shipped mappings."""
