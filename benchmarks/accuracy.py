"""How far both engines in float32 are from the truth, over sides up to 100.

The truth has two sources, which must agree: brute force in float64 at sampled cells, corners among them, which adds up
every neighbour by name; and the FFT engine in float64 at every cell. Errors are of tier means of standard normal fields
(`normal`) and of positive ones (`positive`, uniform in 0 to 1, whose means are hundreds of times their scatter).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from benchmarks.options import make_parser, prepare
from benchmarks.timing import machine
from lattice.config import LatticeSettings
from lattice.errors import DeviceError
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.engines import BuiltEngine

ENGINES: tuple[BuiltEngine, ...] = ("compiled", "sparse", "fft")
FIELDS = 4
AGREEMENT = 1e-9
"""Largest difference allowed between the two sources of the truth."""


@dataclass(frozen=True)
class Result:
    """Largest errors of one engine on one cube, over all cells, fields and live tiers."""

    side: int
    engine: str
    values: str
    absolute: float = 0.0
    relative: float = 0.0
    """Over the largest mean of the same tier."""
    truths_differ: float = 0.0
    """Largest difference between brute force at sampled cells and float64 at all cells."""
    left_out: str | None = None


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("accuracy", __doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[8, 16, 27, 64, 100], help="cells along each side")
    parser.add_argument("--cells", type=int, default=64, help="cells checked by brute force (default: %(default)s)")
    options = parser.parse_args(arguments)
    device = prepare(options)
    results = []
    for side in options.sides:
        for result in measure(side, options.cells, device):
            results.append(result)
            if not options.json:
                print(as_text(result), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(device), "results": [asdict(result) for result in results]}))
    return 0


def measure(side: int, cells: int, device: torch.device) -> list[Result]:
    """Compare both engines with the truth on one cube.

    Raises:
        RuntimeError: the two sources of the truth differ.
    """
    dimensions = (side, side, side)
    thresholds = LatticeSettings(dimensions=dimensions).get_distance_thresholds()
    exact = TierMeans.build(dimensions, thresholds, "fft", device, torch.float64)
    generator = torch.Generator().manual_seed(side)
    sampled = _sampled_cells(side, cells, generator)
    results = []
    for values, fields in {
        "normal": torch.randn(side**3, FIELDS, dtype=torch.float64, generator=generator),
        "positive": torch.rand(side**3, FIELDS, dtype=torch.float64, generator=generator),
    }.items():
        # Rounded once, so that every engine gets the same numbers.
        fields = fields.float().double()
        truth = {tier: means.cpu() for tier, means in exact.means_all(fields.to(device)).items()}
        differ = max(
            (
                float((brute_force(exact, fields, sampled, tier) - truth[tier][sampled]).abs().max())
                for tier in exact.live_tiers
            ),
            default=0.0,
        )
        if differ > AGREEMENT:
            raise RuntimeError(f"{side}^3: brute force and float64 differ by {differ:.2g}")
        for engine in ENGINES:
            try:
                means = TierMeans.build(dimensions, thresholds, engine, device)
            except DeviceError as error:
                results.append(Result(side, engine, values, left_out=str(error)))
                continue
            found = means.means_all(fields.float().to(device))
            errors = {tier: float((found[tier].cpu().double() - truth[tier]).abs().max()) for tier in means.live_tiers}
            relative = max((error / float(truth[tier].abs().max()) for tier, error in errors.items()), default=0.0)
            results.append(Result(side, engine, values, max(errors.values(), default=0.0), relative, differ))
    return results


def brute_force(means: TierMeans, fields: Tensor, cells: list[int], tier: str) -> Tensor:
    """Return the means at some cells by adding up their neighbours one by one, [len(cells), F]; zeros without any."""
    rows = []
    for cell in cells:
        neighbours = means.neighbours(cell, tier)  # type: ignore[arg-type]
        rows.append(fields[neighbours].mean(0) if len(neighbours) else torch.zeros_like(fields[0]))
    return torch.stack(rows)


def as_text(result: Result) -> str:
    """Return one line."""
    name = f"{result.side}^3 {result.engine:<9}{result.values:<9}"
    if result.left_out:
        return f"{name} left out: {result.left_out}"
    return (
        f"{name} largest error {result.absolute:.1e}, {result.relative:.1e} of the largest mean "
        f"(sources of the truth differ by {result.truths_differ:.0e})"
    )


def _sampled_cells(side: int, count: int, generator: torch.Generator) -> list[int]:
    corners = [0, side - 1, side**3 - 1]
    return corners + torch.randint(side**3, (count,), generator=generator).tolist()
