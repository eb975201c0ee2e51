"""What a lattice costs and whether it can work, told before it is built."""

from lattice.feasibility.advice import TierWarning
from lattice.feasibility.report import EngineEstimate, TierReport, TierSummary, feasibility_report

__all__ = ["EngineEstimate", "TierReport", "TierSummary", "TierWarning", "feasibility_report"]
