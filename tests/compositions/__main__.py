"""How many lines of the user's own code each composition takes: ``python -m tests.compositions``."""

import ast
import io
import tokenize
from pathlib import Path

from tests.compositions.cases import CASES

FOLDER = Path(__file__).parent
SKIPPED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of(source: str) -> int:
    """The lines that hold code: no blank ones, comments, docstrings or imports."""
    left_out = set()
    for node in ast.walk(ast.parse(source)):
        text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if text or isinstance(node, (ast.Import, ast.ImportFrom)):
            left_out.update(range(node.lineno, node.end_lineno + 1))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    held = {line for token in tokens if token.type not in SKIPPED for line in range(token.start[0], token.end[0] + 1)}
    return len(held - left_out)


def table() -> str:
    """A row a module, as Markdown."""
    modules = dict.fromkeys(case.module for case in CASES.values())
    rows = ["| composition | lines |", "| --- | --: |"]
    for module in modules:
        source = (FOLDER / f"{module}.py").read_text(encoding="utf-8")
        rows.append(f"| {ast.get_docstring(ast.parse(source)).split(':')[0]} | {lines_of(source)} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
