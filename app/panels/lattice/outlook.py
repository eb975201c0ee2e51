"""What would come of the config that is being edited: found at once or in a thread, and shown."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from app.panels.lattice.consequences import Consequences, at_once, consequences
from app.panels.lattice.facts import BuiltStencils, Facts
from app.panels.lattice.rule_costs import RuleCosts
from app.panels.lattice.tier_bars import TierBar, TierBars
from app.panels.lattice.warning_list import WarningList
from app.platform.latest_job import LatestJob
from app.run.estimator import Estimate
from lattice.config import SimpleProjectConfig
from lattice.training.editing import rebuilds_tiers

Estimator = Callable[[SimpleProjectConfig], Estimate]


class Outlook(QObject):
    """Shows tiers, warnings, stencils, memory and time of a candidate beside those of the config in force."""

    def __init__(
        self,
        in_force: Callable[[], SimpleProjectConfig],
        estimator: Estimator | None,
        device: str,
        parent: QObject | None = None,
    ) -> None:
        """Create what shows it; the owner lays `bars`, `warnings` and `facts` out.

        Args:
            in_force: returns the config that candidates are compared with.
            estimator: returns what a training step of any config would take.
            device: where stencils would be built, for the warning that they do not fit.
            parent: owner.
        """
        super().__init__(parent)
        self.estimator = estimator
        self.device = device
        self.width: int | None = None
        """Floats of an embedding, once there is a run."""
        self.engine: BuiltStencils | None = None
        self.costs = RuleCosts()
        self.bars = TierBars()
        self.warnings = WarningList()
        self.facts = Facts()
        self._in_force = in_force
        self._latest = LatestJob(self)
        self._latest.done.connect(self._show)

    def show(self, candidate: SimpleProjectConfig) -> None:
        """Show what would come of the edits: at once, or once a thread has counted a large lattice or tried a rule."""
        now, device, width = self._in_force(), self.device, self.width

        def find() -> Consequences:
            self.costs.measure(now)
            return consequences(candidate, self.costs, device, width)

        if at_once(candidate, self.costs) and self.costs.problem(now) is not None:
            self._latest.forget()
            self._show(find())
        else:
            self.show_estimate(candidate)
            self._latest.ask(find)

    def show_estimate(self, config: SimpleProjectConfig) -> None:
        """Show memory and time of a config beside those in force, once it is known what their rules cost."""
        now = self._in_force()
        problems = [self.costs.problem(each) for each in (config, now)]
        if None in problems:
            return  # a thread is measuring
        if problem := problems[0] or problems[1]:
            self.facts.show_no_estimate(problem)
        else:
            unknown = Estimate(None, None)
            self.facts.show_estimate(self.estimate(config) or unknown, self.estimate(now) or unknown)

    def estimate(self, config: SimpleProjectConfig) -> Estimate | None:
        """Return what training with a config would take; None where that isn't known, or must be measured first."""
        if self.estimator is None or any(self.costs.problem(each) != "" for each in (config, self._in_force())):
            return None
        return self.estimator(config)

    def close(self) -> None:
        """Leave no thread behind."""
        self._latest.close()

    def _show(self, found: Consequences) -> None:
        report = found.report
        self.bars.show_tiers(
            [
                TierBar(tier.tier, tier.threshold, tier.interior, tier.mean, empty=tier.edges == 0)
                for tier in report.tiers
            ]
        )
        self.warnings.show_warnings(found.warnings)
        self.show_estimate(found.config)
        if self.engine is not None and not rebuilds_tiers(self._in_force().changes_to(found.config)):
            self.facts.show_built(self.engine)
        elif found.problem:
            self.facts.show_no_stencils(found.problem)
        else:
            self.facts.show_expected(report, chosen=found.config.neighbors.engine == "auto")
