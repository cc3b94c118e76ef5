"""What parameters may be: held values, words, and what a text says."""

import numpy as np
import pytest

from aevum.domains import AnyOf, Anything, Domain, Finite, Nothing, OneOf, Whole, Widths, from_plain, maybe, to_plain

HUGE = 10**400
CASES = [
    (Whole(1), "a whole number of at least 1", [1, np.int64(7), HUGE], [0, 1.0, True, "1", None, np.float64(2)]),
    (Whole(1, 8), "a whole number from 1 to 8", [1, 8], [0, 9, HUGE]),
    (Finite(), "a finite number", [-1, 0.5, np.float32(2)], [np.nan, np.inf, HUGE, "1", None, 1j]),
    (Finite(above=0), "a positive number", [1e-300, 3], [0, -1]),
    (Finite(above=2), "a number above 2", [2.1], [2, 1]),
    (Finite(least=0), "a number of at least 0", [0, 1e9], [-1e-9]),
    (Finite(least=0, below=1), "a number from 0 to below 1", [0, 0.99], [-0.1, 1]),
    (Finite(least=0, most=1), "a number from 0 to 1", [0, 1], [-0.1, 1.1]),
    (Finite(above=0, most=1), "a number above 0 and of at most 1", [1], [0, 1.1]),
    (OneOf(("a", "b")), "one of a, b", ["a", "b"], ["c", 1, None, ["a"], np.zeros(3)]),
    (OneOf(("auto",)), "'auto'", ["auto"], ["b"]),
    (Nothing(), "None", [None], [0, "", False]),
    (Widths(8, 2), "a width or a list of widths from 1 to 8", [3, [1, 8], (2,), []], [0, [9], [1, 1, 1], "8", [[1]]]),
    (maybe(Whole(1)), "None or a whole number of at least 1", [None, 1], [0]),
    (maybe(Widths(8, 2)), "None, a width or a list of widths from 1 to 8", [None, 3, (4, 4)], [0]),
    (AnyOf((OneOf(("auto",)), Whole(1))), "'auto' or a whole number of at least 1", ["auto", 3], ["b", 0, None]),
    (Anything(), "anything", [None, 1, "a", object], []),
]


@pytest.mark.parametrize(("domain", "words", "held", "refused"), CASES, ids=lambda part: getattr(part, "words", ""))
def test_a_domain(domain, words, held, refused):
    assert domain.words == words
    assert all(domain.holds(value) for value in held)
    assert not any(domain.holds(value) for value in refused)
    assert from_plain(to_plain(domain)) == domain


@pytest.mark.parametrize(
    ("domain", "text", "value"),
    [
        (Whole(1), "3", 3),
        (Finite(), "1e-3", 1e-3),
        (OneOf(("1", "b")), "1", "1"),
        (Widths(512, 2), "512,256", (512, 256)),
        (maybe(Widths(512, 2)), "16", (16,)),
        (maybe(Whole(1)), "None", None),
        (maybe(Whole(1)), "4", 4),
        (AnyOf((OneOf(("auto",)), Whole(1))), "auto", "auto"),
        (Anything(), "gaussian:fixed=0.3", "gaussian:fixed=0.3"),
        (Anything(), "[1, 2]", [1, 2]),
        (Anything(), "None", None),
        (Anything(), "(" * 200_000, "(" * 200_000),
    ],
)
def test_a_text_is_read_as_what_it_says(domain, text, value):
    assert domain.read(text) == value


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        (Whole(1), "0"),
        (Whole(1), "1.5"),
        (Whole(1), "two"),
        (Finite(), "nan"),
        (Finite(), "1e999"),
        (OneOf(("a", "b")), "A"),
        (Widths(8, 2), "4,"),
        (Widths(8, 2), "9"),
        (maybe(Whole(1)), "0"),
    ],
)
def test_a_text_that_says_none_is_refused_in_words(domain, text):
    with pytest.raises(ValueError) as error:
        domain.read(text)
    assert str(error.value) == f"must be {domain.words}{domain.hint}, not {text!r}"


def test_a_domain_of_somebody_elses_has_no_plain_values():
    class Even(Domain):
        words = "an even number"

        def holds(self, value):
            return value % 2 == 0

    assert Even().read("4") == 4
    assert to_plain(Even()) is None and to_plain(maybe(Even())) is None
