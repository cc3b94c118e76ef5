"""Tests of pages and cards, and how a run's files are read by tests of other rooms."""
