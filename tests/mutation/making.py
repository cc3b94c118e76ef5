"""Mutants of a file: mutmut's operators on libcst's tree, also within properties and other decorated functions.

mutmut's own runner leaves decorated functions alone, since it keeps all mutants of a function beside it in one module;
here a mutant is a module of its own, which a forked process imports in place of the file. Not changed are: what is
outside of functions, annotations, decorators, asserts, `len` and `isinstance` (as in mutmut), and what people are told,
which other tests hold: texts with a space in them, the arguments of `raise` and of warnings. Of a string one change is
made, not three. `zip(strict=…)` is a check of our own that nothing which holds can tell from its absence.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "aevum"
# What the issue calls objectives, distributions, laws and evaluation.
ROOMS = {
    "objectives": ("objectives",),
    "distributions": ("distributions",),
    "laws": ("priors", "posteriors", "conditionals", "model.py", "fitted/law.py"),
    "evaluation": ("evaluation",),
}
LEFT = {"len", "isinstance", "warn", "cast", "TypeVar"}


class Mutant(NamedTuple):
    """The place of a change: the file below src/aevum, which of its mutants, the statement's lines, the function."""

    file: str
    number: int
    first: int
    last: int
    function: str


def files() -> list[str]:
    """The files in scope, below src/aevum."""
    found = []
    for places in ROOMS.values():
        for place in places:
            path = PACKAGE / place
            found += [path] if path.is_file() else sorted(path.glob("*.py"))
    return [path.relative_to(PACKAGE).as_posix() for path in found]


def room(file: str) -> str:
    """The part of the scope that a file belongs to."""
    return next(name for name, places in ROOMS.items() if any(file == p or file.startswith(p + "/") for p in places))


@cache
def parsed(file: str) -> tuple[cst.Module, list[tuple[cst.CSTNode, cst.CSTNode]], list[Mutant]]:
    """The file's tree, its changes (node, what replaces it), and where they are."""
    wrapper = MetadataWrapper(cst.parse_module((PACKAGE / file).read_text(encoding="utf-8")))
    found = Changes()
    wrapper.visit(found)
    mutants = [Mutant(file, number, *place) for number, place in enumerate(found.places)]
    return wrapper.module, found.changes, mutants


def source(mutant: Mutant) -> str | None:
    """The file's text under the change; None where that is no Python, or says the same."""
    module, changes, _ = parsed(mutant.file)
    text: str = module.deep_replace(*changes[mutant.number]).code  # type: ignore[union-attr]
    try:
        tree = ast.parse(text)
        compile(text, mutant.file, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return None if ast.dump(tree) == ast.dump(ast.parse(module.code)) else text


def difference(mutant: Mutant, text: str) -> tuple[str, str]:
    """What the lines were, and what they are."""
    old, new = parsed(mutant.file)[0].code.splitlines(), text.splitlines()
    first = next(i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    end = next(i for i, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b)
    both = (lines[first : max(first + 1, len(lines) - end)] for lines in (old, new))
    old_text, new_text = (" ".join(line.strip() for line in lines) for lines in both)
    return old_text, new_text


class Changes(cst.CSTVisitor):
    """Goes over a tree and keeps what the operators make of its nodes."""

    METADATA_DEPENDENCIES = (PositionProvider, ParentNodeProvider)

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[cst.CSTNode, cst.CSTNode]] = []
        self.places: list[tuple[int, int, str]] = []
        self.names: list[str] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if self._left(node):
            return False
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self.names.append(node.name.value)
        if any(isinstance(each, cst.FunctionDef) for each in self._above(node)):
            self._change(node)
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, (cst.FunctionDef, cst.ClassDef)) and not self._left(original_node):
            self.names.pop()

    def _above(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        found = [node]
        while (node := self.get_metadata(ParentNodeProvider, node, None)) is not None:  # type: ignore[assignment]
            found.append(node)
        return found

    def _left(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.Raise, cst.Assert, cst.Import, cst.ImportFrom)):
            return True
        if isinstance(node, cst.Call):
            name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
            return isinstance(name, cst.Name) and name.value in LEFT
        if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value == "strict":
            return True
        if isinstance(node, cst.SimpleString):  # a docstring, or said to people
            return " " in node.value or node.value[-3:] in ('"""', "'''")
        return False

    def _change(self, node: cst.CSTNode) -> None:
        for kind, operator in mutation_operators:
            if not isinstance(node, kind):
                continue
            made = list(operator(node))
            if operator is operator_string:
                made = made[:1]
            elif operator is operator_arg_removal:
                made = [each for each in made if not self._strict_alone(node, each)]
            self.changes += [(node, each) for each in made]
            self.places += [self._place(node)] * len(made)

    @staticmethod
    def _strict_alone(node: cst.CSTNode, made: cst.CSTNode) -> bool:
        """Whether nothing but a `strict=` was changed or taken out, or a text that is said to people."""
        kept = {id(arg) for arg in made.args}  # type: ignore[attr-defined]
        (gone,) = [arg for arg in node.args if id(arg) not in kept]  # type: ignore[attr-defined]
        text = isinstance(gone.value, (cst.SimpleString, cst.FormattedString)) and " " in cst.Module([]).code_for_node(
            gone
        )
        return text or (gone.keyword is not None and gone.keyword.value == "strict")

    def _place(self, node: cst.CSTNode) -> tuple[int, int, str]:
        """The lines of the statement that it is in: of a compound one, of its head."""
        first = self.get_metadata(PositionProvider, node, None)
        above = self._above(node)
        statement = next(
            (each for each in above if isinstance(each, (cst.SimpleStatementLine, cst.SimpleStatementSuite))), None
        )
        compound = next(each for each in above if isinstance(each, cst.BaseCompoundStatement))
        held = statement or compound
        whole = self.get_metadata(PositionProvider, held)
        last = whole.end.line
        if statement is None and not isinstance(compound, cst.FunctionDef):  # a default is reached with its function
            last = self.get_metadata(PositionProvider, compound.body).start.line - 1
        start = first.start.line if first is not None else whole.start.line
        return min(whole.start.line, start), max(last, whole.start.line), ".".join(self.names)
