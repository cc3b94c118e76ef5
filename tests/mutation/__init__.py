"""Every small change that mutmut knows, tried on the tests that reach it: python -m tests.mutation."""
