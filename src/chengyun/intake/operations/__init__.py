"""Doing imports: kinds, runs, batches."""
