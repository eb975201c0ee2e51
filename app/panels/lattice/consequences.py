"""What would come of a config: tiers, warnings, stencils, and whether its rule's costs are known."""

from __future__ import annotations

from dataclasses import dataclass

from app.panels.lattice.rule_costs import RuleCosts
from lattice.config import SimpleProjectConfig
from lattice.feasibility import TierWarning
from lattice.feasibility.report import TierReport, feasibility_report

CELLS_AT_ONCE = 50**3
"""Larger lattices take longer to be counted than a drag may wait; they are counted in a thread."""


@dataclass(frozen=True)
class Consequences:
    """What would come of a config."""

    config: SimpleProjectConfig
    report: TierReport
    problem: str
    """Why it can't be known what the rule costs; empty if it is known. The report's engine and stencils count for
    nothing then."""

    @property
    def warnings(self) -> tuple[TierWarning, ...]:
        """Warnings, serious ones first."""
        if not self.problem:
            return self.report.warnings
        return (TierWarning(self.problem.removesuffix("."), serious=True), *self.report.warnings)


def at_once(config: SimpleProjectConfig, costs: RuleCosts) -> bool:
    """Say whether `consequences` of a config take so little time that the window can wait for them."""
    return costs.problem(config) is not None and config.lattice.cells <= CELLS_AT_ONCE


def consequences(config: SimpleProjectConfig, costs: RuleCosts, device: str, width: int | None = None) -> Consequences:
    """Find out what would come of a config, for embeddings of `width` floats if that is known; in any thread."""
    problem = costs.measure(config)
    # The tiers don't depend on the rule, but which engine is quickest does.
    counted = config.replaced({"neighbors.engine": "fft"}) if problem else config
    return Consequences(config, feasibility_report(counted, device, width), problem)
