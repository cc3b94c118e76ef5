"""A network as the page runs it without a runtime: its graph of operators, translated from ONNX.

The operators that the page computes itself (``web/src/file/graph/kernels.ts``) are listed here with the attributes that
each may have. A network with any other is left to ONNX Runtime's WebAssembly.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.server import wire

Array = NDArray[Any]
Attributes = Mapping[str, tuple[Any, ...] | None]
# Of ONNX's default domain, between which the operators below mean the same.
VERSIONS = range(18, 24)
# Kinds of numbers by ONNX's number for them.
KINDS = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 11: "float64"}
ANY, WINDOW = None, {"pads": None, "strides": None, "dilations": None, "kernel_shape": None, "auto_pad": ("NOTSET",)}
FOLD = {"keepdims": ANY, "noop_with_empty_axes": ANY}


def _each(names: Sequence[str], attributes: Attributes) -> dict[str, Attributes]:
    return dict.fromkeys(names, attributes)


# Of each operator, the attributes that it may have, and their values, where not any is understood.
OPERATORS: dict[str, Attributes] = {
    **_each(("Abs", "Ceil", "Erf", "Exp", "Floor", "IsNaN", "Log", "Neg", "Not", "Reciprocal", "Round"), {}),
    **_each(("Sign", "Sqrt", "Cos", "Sin", "Tan", "Acos", "Asin", "Atan", "Cosh", "Sinh", "Tanh"), {}),
    **_each(("Acosh", "Asinh", "Atanh", "Relu", "Sigmoid", "Softplus", "Softsign", "HardSwish", "Mish"), {}),
    **_each(("Add", "Div", "Max", "Min", "Mul", "Pow", "Sub", "Where", "Clip", "Identity", "PRelu"), {}),
    **_each(("And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor"), {}),
    **_each(("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1"), FOLD),
    **_each(("ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"), FOLD),
    "IsInf": {"detect_negative": ANY, "detect_positive": ANY},
    "CumSum": {"exclusive": ANY, "reverse": ANY},
    "Einsum": {"equation": ANY},
    **_each(("Celu", "Elu", "LeakyRelu"), {"alpha": ANY}),
    "Selu": {"alpha": ANY, "gamma": ANY},
    "HardSigmoid": {"alpha": ANY, "beta": ANY},
    "Gelu": {"approximate": ("none", "tanh")},
    "Cast": {"to": tuple(KINDS), "saturate": ANY},
    "Reshape": {"allowzero": ANY},
    **_each(("Squeeze", "Unsqueeze", "Expand", "Slice", "Tile", "Sum", "MatMul", "GlobalAveragePool"), {}),
    **_each(("Flatten", "Concat", "Gather", "GatherElements", "Softmax", "LogSoftmax"), {"axis": ANY}),
    "Split": {"axis": ANY, "num_outputs": ANY},
    "Transpose": {"perm": ANY},
    "GatherND": {"batch_dims": (0,)},
    "DepthToSpace": {"blocksize": ANY, "mode": ("DCR", "CRD")},
    "Shape": {"start": ANY, "end": ANY},
    **_each(("ArgMax", "ArgMin"), {"axis": ANY, "keepdims": ANY, "select_last_index": (0,)}),
    "TopK": {"axis": ANY, "largest": ANY, "sorted": ANY},
    "LayerNormalization": {"axis": ANY, "epsilon": ANY, "stash_type": (1,)},
    "BatchNormalization": {"epsilon": ANY, "momentum": ANY, "training_mode": (0,)},
    "Gemm": {"alpha": ANY, "beta": ANY, "transA": ANY, "transB": ANY},
    "Conv": {**WINDOW, "group": ANY},
    "ConvTranspose": {**WINDOW, "group": (1,), "output_padding": ANY},
}
# Whose second input is a layer's weights.
LAYERS = ("Gemm", "MatMul", "Conv", "ConvTranspose")
SEVERAL_OUTPUTS = ("Split", "TopK")
# Weights of fewer are kept as they are: it is the large ones that take space.
FEW = 1024


class UnknownGraphError(ValueError):
    """Says what of a network the page doesn't compute itself: \"has the operator If\"."""


@dataclass(frozen=True)
class Graph:
    """A network that the page can run itself.

    Attributes:
        model: the ONNX model, as its package reads it.
        constants: its weights and other numbers by name.
        weights: the names of those that may be rounded: large, and factors of products.
        products: how many numbers are multiplied and added for one row.
    """

    model: Any
    constants: Mapping[str, Array]
    weights: tuple[str, ...]
    products: int


def graph_of(data: bytes) -> Graph:
    """An ONNX model as a graph that the page runs.

    Raises:
        UnknownGraphError: it can't.
    """
    onnx = importlib.import_module("onnx")
    model = onnx.shape_inference.infer_shapes(onnx.load_from_string(data))
    graph = model.graph
    if model.functions or any(used.domain for used in model.opset_import if used.domain != "ai.onnx"):
        raise UnknownGraphError("has operators of its own")
    versions = [used.version for used in model.opset_import]
    if not versions or any(version not in VERSIONS for version in versions):
        raise UnknownGraphError(f"is in version {versions[0] if versions else '?'} of ONNX's operators")
    constants = {part.name: onnx.numpy_helper.to_array(part) for part in graph.initializer}
    if graph.sparse_initializer:
        raise UnknownGraphError("has sparse weights")
    _check_kinds(graph)
    shapes = {name: array.shape for name, array in constants.items()} | dict(_shapes(graph))
    for node in graph.node:
        _check_node(onnx, node, shapes)
    used = [node.input[1] for node in graph.node if node.op_type in LAYERS]
    weights = tuple(
        name
        for name in dict.fromkeys(used)
        if name in constants and constants[name].size >= FEW and _only_factor(graph, name)
    )
    return Graph(model, constants, weights, sum(_products(node, shapes) for node in graph.node))


def _check_kinds(graph: Any) -> None:
    """Raise UnknownGraphError where values are of a kind that the page has not."""
    typed = [*graph.value_info, *graph.input, *graph.output]
    kinds = {value.name: value.type.tensor_type.elem_type for value in typed}
    kinds |= {part.name: part.data_type for part in graph.initializer}
    for name in (name for node in graph.node for name in (*node.input, *node.output) if name):
        if kinds.get(name) not in KINDS:
            raise UnknownGraphError(f"has values of a kind that the page lacks, {name}")
    if any(KINDS[kinds[value.name]] != "float32" for value in (*graph.input, *graph.output)):
        raise UnknownGraphError("takes or gives other numbers than float32")


def _shapes(graph: Any) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Of values whose number of axes is known, their shapes for one row."""
    for value in (*graph.value_info, *graph.input, *graph.output):
        kind = value.type.tensor_type
        if kind.HasField("shape"):
            yield value.name, tuple(side.dim_value if side.HasField("dim_value") else 1 for side in kind.shape.dim)


def _check_node(onnx: Any, node: Any, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raise UnknownGraphError where an operator, or what is asked of it, is not understood."""
    known = OPERATORS.get(node.op_type) if node.domain in ("", "ai.onnx") else None
    if known is None:
        raise UnknownGraphError(f"has the operator {node.op_type}")
    for name, value in _attributes(onnx, node).items():
        allowed = known.get(name, ())
        if allowed is not ANY and value not in allowed:
            raise UnknownGraphError(f"has the operator {node.op_type} with {name} {value}")
    if len([name for name in node.output if name]) > 1 and node.op_type not in SEVERAL_OUTPUTS:
        raise UnknownGraphError(f"has the operator {node.op_type} with several values")
    pictures = (*node.input[:2], node.output[0]) if node.op_type in ("Conv", "ConvTranspose") else ()
    if any(len(shapes.get(name, ())) != 4 for name in pictures):
        raise UnknownGraphError(f"has the operator {node.op_type} of something else than pictures")


def _attributes(onnx: Any, node: Any) -> dict[str, Any]:
    found = {part.name: onnx.helper.get_attribute_value(part) for part in node.attribute}
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}


def _only_factor(graph: Any, name: str) -> bool:
    """Whether a constant is used as a layer's weights alone."""
    uses = [(node.op_type, place) for node in graph.node for place, given in enumerate(node.input) if given == name]
    return all(operator in LAYERS and place == 1 for operator, place in uses)


def _products(node: Any, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """How many numbers a layer multiplies and adds for one row, as far as shapes are known."""
    if node.op_type not in LAYERS:
        return 0
    made, weights = (shapes.get(name, ()) for name in (node.output[0], node.input[1]))
    if node.op_type == "Conv":
        return int(np.prod(made) * np.prod(weights[1:]))
    if node.op_type == "ConvTranspose":
        return int(np.prod(shapes.get(node.input[0], ())) * np.prod(weights[1:]))
    turned = any(part.name == "transB" and part.i for part in node.attribute)
    return int(np.prod(made) * (weights[-1 if turned else -2] if len(weights) > 1 else 1))


# -------------------------------------------------------------------- as the page reads it


def written(graph: Graph, steps: Mapping[str, float], *, fast: bool = False) -> bytes:
    """The graph's message. Weights of which a step is given are written as whole multiples of it; ``fast`` tells the
    page to multiply four numbers at a time.

    These are laid out as planes of their bytes, so that what compresses lies beside its like: the high bytes of a layer
    are few different ones, and the low ones noise.
    """
    onnx = importlib.import_module("onnx")
    ends, whole, others = dict.fromkeys([*KINDS.values(), "weights"], 0), list[Array](), dict[str, list[Array]]()
    listed = []
    for name, array in graph.constants.items():
        kind, step = array.dtype.name, steps.get(name)
        place = kind if step is None else "weights"
        listed.append({"name": name, "kind": kind, "shape": list(array.shape), "at": ends[place]})
        ends[place] += array.size
        if step is None:
            others.setdefault(kind, []).append(array.ravel())
        else:
            listed[-1]["step"] = step
            whole.append(_multiples(array, step).ravel())
    arrays = {kind: np.concatenate(parts) for kind, parts in others.items()}
    if whole:
        arrays["weights"] = _planes(np.concatenate(whole))
    nodes = [
        {"op": node.op_type, "in": list(node.input), "out": list(node.output), "attributes": _told(onnx, node)}
        for node in graph.model.graph.node
    ]
    inputs, outputs = ([value.name for value in part] for part in (graph.model.graph.input, graph.model.graph.output))
    told = {"graph": 1, "fast": fast, "nodes": nodes, "inputs": inputs, "outputs": outputs, "constants": listed}
    return wire.encode(told, arrays)


def _told(onnx: Any, node: Any) -> dict[str, Any]:
    found = _attributes(onnx, node)
    return found | {"to": KINDS[found["to"]]} if node.op_type == "Cast" else found


def _multiples(array: Array, step: float) -> NDArray[np.int64]:
    return np.rint(array.astype(np.float64) / step).astype(np.int64)


def _planes(values: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Bytes (planes, N), the highest first, of whole numbers with their sign in the lowest bit."""
    folded = np.where(values < 0, -2 * values - 1, 2 * values).astype(np.uint64)
    count = max(1, -(-int(folded.max(initial=0)).bit_length() // 8))
    return np.stack([(folded >> np.uint64(8 * place)).astype(np.uint8) for place in reversed(range(count))])


def steps_of(graph: Graph, bits: int) -> dict[str, float]:
    """Powers of two to whose multiples weights may be rounded: 2⁻ᵇ of each layer's root mean square, at most.

    A weight's error is then the same whatever its size, which costs fewest bits for the error of a sum. Layers that
    hold no numbers, or numbers of too many sizes, are kept as they are.
    """
    found = {}
    for name in graph.weights:
        array = graph.constants[name].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            size = float(np.sqrt(np.square(array).mean()))
        if graph.constants[name].dtype != np.float32 or not np.isfinite(size) or size <= 2.0**-90:
            continue
        step = 2.0 ** (np.floor(np.log2(size)) - bits)
        if np.abs(array).max() / step < 2.0**24:  # which float32 holds exactly
            found[name] = float(step)
    return found


def rounded(graph: Graph, steps: Mapping[str, float]) -> bytes:
    """The ONNX model with weights as the page will read them."""
    onnx = importlib.import_module("onnx")
    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    for part in model.graph.initializer:
        if part.name in steps:
            array = graph.constants[part.name]
            values = (_multiples(array, steps[part.name]) * steps[part.name]).astype(array.dtype)
            part.CopyFrom(onnx.numpy_helper.from_array(values, part.name))
    data: bytes = model.SerializeToString()
    return data


def answers(model: bytes, given: Mapping[str, Array]) -> Sequence[Array]:
    """What an ONNX model gives."""
    runtime = importlib.import_module("onnxruntime")
    found: Sequence[Array] = runtime.InferenceSession(model).run(None, dict(given))
    return found
