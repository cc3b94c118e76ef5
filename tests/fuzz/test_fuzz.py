"""A fixed number of cases of each fuzzer; ``make fuzz`` goes on for longer."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fuzz.guided import TARGETS, Bytes, repeat, seeds
from tests.fuzz.honest import idx_files, pictures
from tests.fuzz.readers import check
from tests.fuzz.runner import FUZZERS, run

from aevum import open_data

CASES = {"models": 48, "readers": 1500}


@pytest.mark.parametrize("name", FUZZERS)
def test_no_fault(name):
    result = run(name, cases=CASES[name])
    assert not result.faults, str(result)
    assert result.cases == CASES[name]


BEGINNINGS = {
    ".npy": [b"\x93NUMPY\x01\x00"], ".npz": [b"PK\x03\x04"], ".csv": [b"a,b\n", b"1;2\n"], ".parquet": [b"PAR1"],
    ".idx": [data[:4] for _, data in idx_files()], ".png": [data[:33] for _, data in pictures()],
}  # fmt: skip


@pytest.mark.parametrize("suffix", BEGINNINGS)
@settings(
    max_examples=40, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data(), tail=st.binary(max_size=300))
def test_any_bytes_are_data_or_an_error(tmp_path, suffix, data, tail):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data.draw(st.sampled_from([b"", *BEGINNINGS[suffix]])) + tail)
    check(suffix, lambda: open_data(tmp_path if suffix == ".png" else path))


# -------------------------------------------------------------------- guided by Atheris, which is not needed here


def test_draws_are_the_bytes_of_an_input():
    draw = Bytes(bytes([7, 1, 0, 0, 2, 9]))
    assert draw.choice(range(5)) == 2 and draw.randrange(1000) == (1 + (2 << 24)) % 1000
    assert draw.randbytes(1) == b"\x09" and draw.random() == 0.0 and draw.choice("abc") == "a"
    assert [Bytes(b"\xff" * 9).randrange(n) for n in (3, 256, 300)] == [0, 255, (2**32 - 1) % 300]


@pytest.mark.parametrize("name", TARGETS)
def test_what_atheris_begins_with_is_no_fault(name, tmp_path):
    first = seeds(name)
    for place, data in enumerate(first[:: 4 if name == "files" else 32]):
        (tmp_path / str(place)).write_bytes(data)
        if name != "models" or not place:
            repeat(name, tmp_path / str(place))
