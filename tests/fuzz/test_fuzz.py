"""A fixed number of cases of each fuzzer; ``make fuzz`` goes on for longer."""

import pytest
from tests.fuzz.runner import FUZZERS, run

CASES = {"models": 150}


@pytest.mark.parametrize("name", FUZZERS)
def test_no_fault(name):
    result = run(name, cases=CASES[name])
    assert not result.faults, str(result)
    assert result.cases == CASES[name]
