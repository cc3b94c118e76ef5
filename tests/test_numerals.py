"""Numbers as people read them: every magnitude, sign and unit."""

import re
from pathlib import Path

import pytest

from aevum.numerals import number, percent, rough

SOURCE = Path(__file__).parents[1] / "src" / "aevum"


@pytest.mark.parametrize("power", range(-12, 17))
@pytest.mark.parametrize("mantissa", [1.0, 1.693, 9.9996, -2.5])
@pytest.mark.parametrize("digits", [2, 4])
def test_every_magnitude_reads_back_to_its_digits(power, mantissa, digits):
    value = mantissa * 10.0**power
    text = number(value, digits=digits)
    assert "e" not in text and "-" not in text
    plain = text.replace(",", "").replace("−", "-")
    head, _, raised = plain.partition(" × 10")
    exponent = int(raised.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or 0)
    assert float(head) * 10.0**exponent == pytest.approx(value, rel=0.51 * 10.0 ** (1 - min(digits, 3)))
    assert bool(raised) == (not 1e-4 <= abs(value) < 1e12)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (number(1.693e4), "16,930"),
        (percent(1.2), "120 %"),
        (percent(0.043), "4.3 %"),
        (percent(float("nan")), "–"),
        (number(-1234567.0), "−1,234,567"),
        (number(12, "nats"), "12 nats"),
        (number(0.0), "0"),
        (number(float("inf")), "–"),
        (rough(123.4, "nats"), "123 nats"),
        (rough(0.25, plus=True), "+0.25"),
        (rough(-0.25, plus=True), "−0.25"),
        (rough(9.99), "10"),
    ],
)
def test_units_and_signs(found, text):
    assert found.replace("\u00a0", " ") == text


def test_no_place_formats_significant_digits_for_people_by_itself():
    """``:.3g`` gives 1.69e+04; where people read it, :func:`number` is asked."""
    for room in ("plots", "reports", "runs", "cli", "evaluation"):
        for path in (SOURCE / room).rglob("*.py"):
            code = re.sub(r"raise InputError\((?:[^()]|\([^()]*\))*\)", "", path.read_text(encoding="utf-8"))
            assert not re.search(r":[+#,]*\.\dg[}\"]", code), path
