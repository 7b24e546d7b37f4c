"""A network's loss in torch, term by term: what a term means in another system, which has its own derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from symbackprop.network import Model
from symbackprop.tensor.evaluate import bracket_value, evaluate
from symbackprop.tensor.pullback import children_last
from symbackprop.tensor.terms import Bracket, Map, Product, Special, Sum, Symbol, Term

Tensor = Any


def maps(torch: ModuleType) -> dict[str, Any]:
    """The scalar functions that have another name in torch, or none."""
    functional = torch.nn.functional
    return {
        "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        "normal_cdf": torch.special.ndtr,
        "normal_pdf": lambda x: torch.exp(-x * x / 2) / np.sqrt(2 * np.pi),
        "step": lambda x: (x > 0).to(x.dtype),
        "iszero": lambda x: (x == 0).to(x.dtype),
        "elu": lambda x, a: torch.where(x > 0, x, a * torch.expm1(torch.clamp(x, max=0))),
        "where": lambda c, x, y: torch.where(c != 0, x, y),
        "power": torch.pow,
        "relu": functional.relu,
    }


def special(torch: ModuleType, term: Special, x: Tensor, *more: Tensor) -> Tensor:
    """The operations over the last axes."""
    axes = tuple(range(-term.axes, 0))
    if term.operation == "softmax":
        return torch.exp(x - torch.logsumexp(x, axes, keepdim=True))
    if term.operation == "logsumexp":
        return torch.logsumexp(x, axes)
    if term.operation == "inverse":
        return torch.linalg.inv(x)
    if term.operation == "logdet":
        return torch.linalg.slogdet(x)[1]
    if term.operation == "det":
        return torch.linalg.det(x)
    if term.operation == "stop":
        return x.detach()
    if term.operation == "argmax":
        flat = x.detach().reshape(*x.shape[: x.ndim - term.axes], -1)
        return torch.nn.functional.one_hot(flat.argmax(-1), flat.shape[-1]).to(x.dtype).reshape(x.shape)
    centred = x - x.mean(axes, keepdim=True)
    spread = torch.sqrt((centred**2).mean(axes, keepdim=term.operation == "standardize") + more[0])
    return centred / spread if term.operation == "standardize" else spread


def value(
    torch: ModuleType, term: Term, names: Mapping[str, Tensor], arrays: Mapping[str, Any], sizes: Mapping[str, int]
) -> Tensor:
    """One term at tensors for the symbols; integer symbols are in `arrays`."""
    done: dict[Term, Tensor] = {}
    own = maps(torch)
    for top in reversed(children_last(term)):
        inner = [done[c] for c in top.children]
        shape = tuple(s.value(sizes) for s in top.sizes)
        if isinstance(top, Symbol):
            done[top] = names[top.name]
        elif isinstance(top, Bracket):
            done[top] = torch.tensor(bracket_value(top, shape, arrays, sizes))
        elif isinstance(top, Sum):
            done[top] = sum((float(c) * x for (c, _), x in zip(top.terms, inner, strict=True)), torch.zeros(shape))
        elif isinstance(top, Map):
            done[top] = (own.get(top.head) or getattr(torch, top.head))(*inner)
        elif isinstance(top, Special):
            done[top] = special(torch, top, *inner)
        elif isinstance(top, Product):
            done[top] = product(torch, top, done, sizes)
        else:
            done[top] = torch.tensor(evaluate(top, {}, sizes))
    return done[term]


def product(torch: ModuleType, term: Product, done: Mapping[Term, Tensor], sizes: Mapping[str, int]) -> Tensor:
    """An einsum with powers."""
    operands: list[Any] = []
    for child, labels, exponent in term.factors:
        x = done[child]
        operands += [x if exponent == 1 else x ** float(exponent), list(labels)]
    carried = {x for _, labels, _ in term.factors for x in labels}
    for label, length in enumerate(term.label_sizes):
        if label not in carried:
            operands += [torch.ones(length.value(sizes)), [label]]
    if not operands:
        return torch.tensor(float(term.coefficient))
    return float(term.coefficient) * torch.einsum(*operands, list(range(term.order)))


def hessian(
    torch: ModuleType, model: Model, order: tuple[str, ...], arrays: Mapping[str, Any], sizes: Mapping[str, int], p: str
) -> Any:
    """∂²J/∂p² by torch."""
    declared = [n for n, d in model.declarations.items() if d.role != "index"]
    leaves = {n: torch.tensor(np.asarray(arrays[n], dtype=float)) for n in declared}

    def loss(x: Tensor) -> Tensor:
        names = {**leaves, p: x}
        for node in order:
            names[node] = value(torch, model.equations[node].term, names, arrays, sizes)
        return names[model.loss]

    return torch.autograd.functional.hessian(loss, leaves[p]).numpy()
