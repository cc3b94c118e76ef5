"""The API reference: types as they are written in the source, and what they lead to.

A declared parameter shows its type and default; an array is an ``NDArray`` and no tuple of its shape's type; a name
that a package defines in a private module leads to where the package documents it.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext import intersphinx

# Where packages define what they document elsewhere, and short names in the docstrings' own sections.
PUBLIC = {
    "torch.nn.modules.module.Module": "torch.nn.Module",
    "torch.distributions.distribution.Distribution": "torch.distributions.Distribution",
    "torch._C.Generator": "torch.Generator",
    "Tensor": "torch.Tensor",
    "MissingPackageError": "aevum.errors.MissingPackageError",
    "ArrayLike": "numpy.typing.ArrayLike",
    "numpy.random.mtrand.RandomState": "numpy.random.RandomState",
    "Array": "numpy.typing.NDArray",
    "Module": "torch.nn.Module",
    "np.uint64": "numpy.uint64",
    "NDArray": "numpy.typing.NDArray",
    "Path": "pathlib.Path",
    "np.float32": "numpy.float32",
    "np.float64": "numpy.float64",
    "np.intp": "numpy.intp",
    "np.bool_": "numpy.bool",
    "LatentVariableModel": "aevum.model.LatentVariableModel",
    "LatentVariableEstimator": "aevum.estimators.LatentVariableEstimator",
    "Objective": "aevum.objectives.Objective",
    "Encoding": "aevum.encoding.Encoding",
    **{name: f"aevum.fitted.{name}" for name in ("Fitted", "Likelihood", "Parts", "Law", "LatentSummary")},
}
# Internal types that public signatures name: they have no page, and are shown as plain text.
INTERNAL = re.compile(
    r"(Schema|Context|Kind|Value|aevum\.(estimators\.(declaring|frames|registry)|fitted\.(context|conditions|label_columns)|"
    r"conditionals\.(column|missingness)|training\.(run|watch)|data\.(corpora|schema|sparse_rows)|"
    r"server\.(connections|subject|watching)|distributions\.columns)\.\w+|"
    r"aevum\.encoding\.affine\.Affine|aevum\.fitted\.law\.CodesLaw)"
)
ARRAY = re.compile(r"~?numpy\.ndarray\[tuple\[~?typing\.Any, \.\.\.\], ~?numpy\.dtype\[((?:[^\[\]]|\[[^\]]*\])*)\]\]")
ARRAY_LIKE = re.compile(r"~?numpy\._typing\._array_like\._Buffer \| .*?_NestedSequence\[complex \| bytes \| str\]")


def arrays(text: str | None) -> str | None:
    """Types of arrays as the source has them."""
    if text is None:
        return None
    text = ARRAY_LIKE.sub("~numpy.typing.ArrayLike", text.replace("<factory>", "..."))
    return ARRAY.sub(
        lambda found: "~numpy.typing.NDArray" + ("" if found[1].endswith("Any") else f"[{found[1]}]"), text
    )


def signature(app: Sphinx, what: str, name: str, one: Any, options: Any, arguments: str, result: str) -> Any:
    """A signature with such types."""
    return arrays(arguments), arrays(result)


def with_types(app: Sphinx, what: str, name: str, kind: Any, options: Any, lines: list[str]) -> None:
    """Write ``name: type = default: text`` in the section `Args:` of a class whose parameters are declared."""
    if what != "class" or not hasattr(kind, "__dataclass_fields__") or "Args:" not in lines:
        return
    parameters = inspect.signature(kind).parameters
    for number in range(lines.index("Args:") + 1, len(lines)):
        found = re.match(r"^    (\w+): ", lines[number])
        if found and found[1] in parameters and kind.__dataclass_fields__[found[1]].metadata.get("text"):
            each = parameters[found[1]]
            shown = str(inspect.formatannotation(each.annotation)).replace("collections.abc.", "").strip("'")
            lines[number] = lines[number].replace(": ", f": ``{shown} = {each.default!r}``: ", 1)
        elif lines[number] and not lines[number].startswith(" "):
            return


# Docstrings of properties as they are: napoleon takes what stands before a colon for a type.
UNREAD: dict[str, list[str]] = {}


def keep(app: Sphinx, what: str, name: str, one: Any, options: Any, lines: list[str]) -> None:
    """Before napoleon: what a property says."""
    if what in ("property", "attribute", "data"):
        UNREAD[name] = list(lines)


def put_back(app: Sphinx, what: str, name: str, one: Any, options: Any, lines: list[str]) -> None:
    """After napoleon: what it said."""
    if name in UNREAD:
        lines[:] = UNREAD.pop(name)


def fields(app: Sphinx, what: str, name: str, one: Any, skip: bool, options: Any) -> bool | None:
    """Leave out a named tuple's fields, of which Python says their number and the class what they are."""
    return True if type(one).__name__ == "_tuplegetter" else None


def elsewhere(app: Sphinx, env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement) -> Any:
    """What a name without a page of its own leads to."""
    target = str(node.get("reftarget"))
    if node.get("refdomain") != "py":
        return None
    if INTERNAL.fullmatch(target):
        return shown
    public = PUBLIC.get(target)
    if node.get("reftype") == "meth" and "." not in target:
        # What other models have, as the class that they share documents it.
        public = f"aevum.estimators.LatentVariableEstimator.{target}"
    if public is None:
        return None
    node["reftarget"], kind = public, str(node["reftype"])
    here = env.get_domain("py")
    found = here.resolve_xref(env, node["refdoc"], app.builder, kind, public, node, shown)
    return found or intersphinx.missing_reference(app, env, node, shown)


def setup(app: Sphinx) -> dict[str, Any]:
    """Before napoleon reads the sections."""
    app.connect("autodoc-process-docstring", with_types, priority=400)
    app.connect("autodoc-process-docstring", keep, priority=450)
    app.connect("autodoc-process-docstring", put_back, priority=550)
    app.connect("autodoc-process-signature", signature)
    app.connect("autodoc-skip-member", fields)
    app.connect("missing-reference", elsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
