"""Small changes of the mathematics, each of which must turn a test red: python -m tests.mutants."""
