"""Ways to damage bytes, parsed values and tensors; each draws from the generator that it is given."""

from __future__ import annotations

import random
from typing import Any

import torch
from torch import Tensor

NASTY: tuple[Any, ...] = (
    -1, -5, 0, 1.5, 1e999, -1e999, float("nan"), 10**9, 10**30, 1 << 63, True, None, "", "7", "x" * 200_000, [], {},
    [[]], ["x"] * 50, {"x": {"x": {}}}, "../../etc/passwd", "\0", "\ud800",
)  # fmt: skip
"""Values that a number, a text or a table must not be taken for."""


def damaged_bytes(content: bytes, chance: random.Random) -> bytes:
    """Return a copy with bits flipped, bytes overwritten, cut, repeated or inserted, or with extreme numbers."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if not data:
            break
        # The head of a file says what the rest is: half of the damage goes there.
        at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 4096))
        kind = chance.randrange(7)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 0xFF, 0x7F, 0x80, 0x0A, 0x22, 0x5B, 0x7B))
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 4:
            data[at:at] = data[at : at + chance.randrange(1, 60)] * chance.choice((1, 1, 1, 500))
        elif kind == 5:
            data[at : at + 8] = chance.choice((b"\xff" * 8, bytes(8), (1 << 62).to_bytes(8, "little")))
        else:
            digits = [index for index, byte in enumerate(data[:65536]) if 48 <= byte <= 57]
            if digits:
                data[chance.choice(digits)] = chance.choice(b"0123456789-e.")
    return bytes(data)


def damaged_value(value: Any, chance: random.Random) -> Any:
    """Return parsed JSON or TOML with one value, anywhere in it, replaced, removed or renamed."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        key = chance.choice(list(value))
        kind = chance.randrange(8)
        if kind == 0:
            return {name: inner for name, inner in value.items() if name != key}
        if kind == 1:
            return {**value, chance.choice(("x", "x" * 200_000, "", "a.b", "\n")): value[key]}
        return {**value, key: damaged_value(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.5:
        at = chance.randrange(len(value))
        return [*value[:at], damaged_value(value[at], chance), *value[at + 1 :]]
    return chance.choice(NASTY)


def damaged_tensors(tensors: dict[str, Tensor], chance: random.Random) -> dict[str, Tensor]:
    """Return tensors of which one is missing, renamed, of another shape or type, or holds what no training leaves."""
    name = chance.choice(sorted(tensors))
    value = tensors[name]
    others = {other: tensor for other, tensor in tensors.items() if other != name}
    kind = chance.randrange(6)
    if kind == 0:
        return others
    if kind == 1:
        return {**others, chance.choice((f"{name}x", name.partition(".")[0], "x" * 10_000)): value}
    if kind == 2:
        return {**others, name: chance.choice((value[None], value.reshape(-1)[:1], value.new_zeros(0)))}
    if kind == 3:
        types = (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool, torch.uint8)
        return {**others, name: value.to(chance.choice(types))}
    spoilt = value.clone().reshape(-1)
    if len(spoilt):
        number = chance.choice((float("nan"), float("inf"), -1.0, 1e38, -1e38, 0.0))
        spoilt[chance.randrange(len(spoilt))] = number if value.is_floating_point() else 255
    return {**others, name: spoilt.reshape(value.shape)}
