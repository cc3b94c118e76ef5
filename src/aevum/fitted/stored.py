"""A fitted model as named arrays, and back: each array once, whatever holds it."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from aevum.errors import ModelFileError
from aevum.fitted.fitted import Fitted
from aevum.storage import Arrays, one_line

TYPES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
Expected = dict[str, tuple[tuple[int, ...], str]]


def named_tensors(fitted: Fitted) -> dict[str, list[str]]:
    """The names under which each parameter and buffer that is saved occurs: the first is the one it is saved by."""
    found: dict[int, list[str]] = {}
    for name, value in _all(fitted):
        found.setdefault(id(value), []).append(name)
    return {names[0]: names for names in found.values()}


def _modules(fitted: Fitted) -> dict[str, nn.Module]:
    return {"model": fitted.model, "objective": fitted.objective, "encoding": fitted.encoding}


def _all(fitted: Fitted) -> Iterator[tuple[str, Tensor]]:
    for prefix, module in _modules(fitted).items():
        for name, value in module.state_dict(keep_vars=True).items():
            yield f"{prefix}.{name}", value


def to_arrays(fitted: Fitted) -> Arrays:
    """Every array of a fitted model, by name."""
    values = dict(_all(fitted))
    arrays: Arrays = {name: values[name].detach().cpu().numpy() for name in named_tensors(fitted)}
    return arrays | ({} if fitted.codes is None else {"codes": fitted.codes})


def expected_arrays(fitted: Fitted) -> Expected:
    """The arrays that a model whose arrays are still to come expects: name → (shape, type)."""
    values = dict(_all(fitted))
    return {name: described(values[name]) for name in named_tensors(fitted)}


def lacks_values(fitted: Fitted) -> bool:
    """Whether an array that no file holds (a buffer that isn't persistent) has been given no memory."""
    kept = {id(value) for _, value in _all(fitted)}
    return any(
        value.is_meta and id(value) not in kept
        for module in _modules(fitted).values()
        for value in (*module.buffers(), *module.parameters())
    )


def described(value: Tensor) -> tuple[tuple[int, ...], str]:
    """Shape and type of an array, as a file states them."""
    return tuple(value.shape), TYPES.get(value.dtype, str(value.dtype))


def assign(fitted: Fitted, arrays: Arrays) -> None:
    """Give a model its arrays, and what shared one shares it again.

    Raises:
        ModelFileError: they can't be those of a fitted model.
    """
    owners = named_tensors(fitted)
    modules = _modules(fitted)
    for name, names in owners.items():
        value = _like(_owner(modules, name), torch.from_numpy(arrays[name]))
        for each in names:
            module, attribute = _owner(modules, each)
            if attribute in module._parameters:
                module._parameters[attribute] = value  # type: ignore[assignment]
            else:
                module._buffers[attribute] = value
    for module in modules.values():
        module.to(fitted.device).eval()
    try:
        fitted.encoding.check()
    except ValueError as error:
        raise ModelFileError(f"model.safetensors: {one_line(error)}") from error
    if "codes" in arrays:
        fitted.codes = arrays["codes"]


def _owner(modules: dict[str, nn.Module], name: str) -> tuple[nn.Module, str]:
    prefix, _, rest = name.partition(".")
    path, _, attribute = rest.rpartition(".")
    return modules[prefix].get_submodule(path), attribute


def _like(owner: tuple[nn.Module, str], value: Tensor) -> Tensor:
    module, attribute = owner
    old = module._parameters.get(attribute)
    return value if old is None else nn.Parameter(value, requires_grad=old.requires_grad)
