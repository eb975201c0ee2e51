"""`--tiers`: what the neighbour tiers of a cube hold."""

from __future__ import annotations

import re

from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError
from lattice.feasibility import feasibility_report
from lattice.feasibility.report_text import report_text


def parse_size(text: str) -> tuple[int, int, int]:
    """Read `27`, `9,12,14` or `9x12x14` as cells along x, y and z."""
    parts = re.split(r"[,x]", text.strip().lower())
    try:
        sides = [int(part) for part in parts]
    except ValueError:
        sides = []
    if len(sides) == 1:
        sides *= 3
    if len(sides) != 3:
        raise ConfigError(f"can't read the size {text!r}: expected one side such as 27, or three such as 9,12,14")
    return sides[0], sides[1], sides[2]


def print_tiers(size: str, config: SimpleProjectConfig) -> int:
    """Print the feasibility report of a cube; return the exit code."""
    config = config.replaced({"lattice.dimensions": list(parse_size(size))})
    print(report_text(feasibility_report(config)))
    return 0
