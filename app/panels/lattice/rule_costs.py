"""Which cell rules are known to cost what: where a rule must be measured first, the window can't wait for it.

A rule's costs depend on its class, its sizes and settings, and on the tiers that hold neighbours.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable

from lattice.config import SimpleProjectConfig
from lattice.errors import PluginError
from lattice.model.rules.build import cell_shape, kept_by_rule, rule_class, rule_settings
from lattice.plugins import BUILT_IN, CELL_RULES
from lattice.tiers import live_tiers

REMEMBERED = 32
"""Fewer than `lattice.model.rules.measure` remembers: what is known here is not measured again there."""


class RuleCosts:
    """Remembers of which rules the costs are known, and why those of others can't be known. Safe in any thread."""

    def __init__(self) -> None:
        """Know nothing."""
        self._guard = threading.Lock()
        self._problems: dict[Hashable, str] = {}

    def problem(self, config: SimpleProjectConfig) -> str | None:
        """Return why what a config's rule costs can't be known; empty if it is known, None if it must be measured."""
        try:
            key = _key(config)
            with self._guard:
                if key in self._problems:
                    return self._problems[key]
            if CELL_RULES.entry(config.model.rule).plugin != BUILT_IN:
                return None
            formula = rule_class(config).kept(cell_shape(config), rule_settings(config), live_tiers(config.lattice))
        except PluginError as error:
            return str(error)
        return None if formula is None else ""

    def measure(self, config: SimpleProjectConfig) -> str:
        """Return `problem` after measuring, if need be: some 20 to 150 ms, and as long as a plugged rule takes."""
        problem = self.problem(config)
        if problem is not None:
            return problem
        problem, key = "", _key(config)
        try:
            kept_by_rule(config)
        except PluginError as error:
            problem = str(error)
        with self._guard:
            self._problems[key] = problem
            while len(self._problems) > REMEMBERED:
                del self._problems[next(iter(self._problems))]
        return problem


def _key(config: SimpleProjectConfig) -> Hashable:
    """Return what costs depend on; raises `PluginError` without such a rule."""
    offer = CELL_RULES[config.model.rule]
    return offer, cell_shape(config), rule_settings(config).model_dump_json(), live_tiers(config.lattice)
