"""Fuzzers: each reader, and ``load`` followed by every method. ``make fuzz``, or ``python -m tests.fuzz --help``."""
