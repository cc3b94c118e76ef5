"""A constructor's parameter is declared once: its default, what it may be, and one line of documentation.

From the declaration are made ``__init__`` and its signature, the section ``Args:`` of the class's documentation, the
check before a fit, and the options of ``aevum train``.
"""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

from aevum.domains import Anything, Domain, Truth

Value = TypeVar("Value")
WIDTH = 116
ABOUT = ("text", "domain", "saved")


def parameter(
    *, default: Value, text: str = "", domain: Domain | None = None, kw_only: bool = True, saved: bool = True
) -> Value:
    """Declare a parameter in an estimator's class: ``width: float = parameter(default=1.0, text="…", domain=…)``.

    Args:
        default: what it is where nothing is given: a value that can't be changed in place.
        text: one line of documentation.
        domain: what it may be, one of ``aevum.domains``; None for anything, and for True or False where the default
            is one of them.
        kw_only: whether it is given by its name only.
        saved: False for what a saved model can do without; else one is refused whose value is no number, text or list.
    """
    about = {"text": text, "saved": saved, **({} if domain is None else {"domain": domain})}
    declared: Value = field(default=default, kw_only=kw_only, metadata=about)
    return declared


@dataclass(frozen=True)
class Parameter:
    """What is declared of a parameter."""

    name: str
    default: Any
    text: str = ""
    domain: Domain = field(default_factory=Anything)
    saved: bool = True


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(parameter,))
class Declared:
    """A class whose annotated attributes are the parameters of its constructor, which only stores them.

    The standard library's dataclass does the work, so subclasses inherit parameters, add their own, and keep an
    ``__init__`` that they write themselves, or inherit from a class that did.
    """

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        for name in inspect.get_annotations(cls):
            if callable(getattr(super(cls, cls), name, None)):
                raise TypeError(f"{cls.__name__}.{name} can't be a parameter: {name} is a method")
        text = vars(cls).get("__doc__")
        declares = any(isinstance(value, Field) for value in vars(cls).values())
        written = "__init__" in vars(cls) or not (made(cls.__init__) or declares)
        dataclass(kw_only=True, eq=False, repr=False, init=not written)(cls)
        for each in declared(cls):
            if each.default is MISSING:
                raise TypeError(
                    f"{cls.__name__}.{each.name} is annotated, and so a parameter: give it a default; what a fit finds "
                    f"is not annotated in the class"
                )
        if not written:
            cls.__init__.made = True  # type: ignore[attr-defined]
            found: tuple[tuple[str, str, str], ...] = getattr(cls, "_attributes", tuple)()
            cls.__doc__ = documented(text or f"{cls.__name__}.", declared(cls), found)


def made(init: Any) -> bool:
    """Whether a constructor was made from a declaration, rather than written; an object's own is as good as made."""
    return init is object.__init__ or hasattr(init, "made")


def declared(kind: type) -> tuple[Parameter, ...]:
    """The parameters that a class declares, in the order of its constructor's."""
    found: tuple[Field[Any], ...] = fields(kind)
    about = {
        each.name: {
            **({"domain": Truth()} if isinstance(each.default, bool) else {}),
            **{name: each.metadata[name] for name in ABOUT if name in each.metadata},
        }
        for each in found
    }
    ordered = sorted(found, key=lambda each: bool(each.kw_only))
    return tuple(Parameter(each.name, each.default, **about[each.name]) for each in ordered)


def documented(text: str, parameters: tuple[Parameter, ...], found: tuple[tuple[str, str, str], ...] = ()) -> str:
    """A class's documentation with its parameters and what a fit finds, before the example where there is one."""
    text, mark = inspect.cleandoc(text), "\n\nExample:\n"
    if "\n\nArgs:\n" in text or not parameters:
        return text
    before, between, example = text.partition(mark)
    sections = [before.rstrip(), section("Args", [(each.name, each.text or each.domain.words) for each in parameters])]
    if found and "\n\nAttributes:\n" not in text:
        sections.append(section("Attributes", [(f"{name} ({kind})", text) for name, kind, text in found]))
    return "\n\n".join(sections) + (between + example if between else "\n")


def section(title: str, entries: list[tuple[str, str]]) -> str:
    """A section of a docstring: a name and what it is, an entry a paragraph."""
    lines = [
        textwrap.fill(
            f"{name}: {text}",
            WIDTH,
            initial_indent=" " * 4,
            subsequent_indent=" " * 8,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for name, text in entries
    ]
    return "\n".join([f"{title}:", *lines])
