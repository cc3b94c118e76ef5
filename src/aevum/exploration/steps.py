"""Work that pauses now and then."""

from collections.abc import Generator
from typing import TypeVar

Result = TypeVar("Result")
# Whoever does such work can do something else at each pause; it ends with its result.
Steps = Generator[None, None, Result]


def finished(work: Steps[Result]) -> Result:
    """The result of work that is done without a pause.

    >>> def three():
    ...     yield
    ...     return 3
    >>> finished(three())
    3
    """
    try:
        while True:
            next(work)
    except StopIteration as end:
        result: Result = end.value
        return result
