"""Writes: one function per act of the trade, one transaction each."""
