"""Importing transformers leaves the collector as it was."""

import subprocess
import sys

CODE = """
import gc, sys
import lattice.data
from lattice.data.importing import import_transformers
assert "transformers" not in sys.modules
stops = []
gc.callbacks.append(lambda phase, info: stops.append(phase))
{before}
import_transformers()
gc.callbacks.clear()
assert "transformers.modeling_utils" in sys.modules
assert not stops, f"the collector ran {{len(stops)}} times"
assert gc.isenabled() is {enabled}
assert gc.get_freeze_count() == 0, "nothing is kept from being collected later"
class Cycle: pass
cycle = Cycle(); cycle.self = cycle
import weakref
gone = weakref.ref(cycle); del cycle
gc.collect()
assert gone() is None
"""


def run(before: str, enabled: bool) -> None:
    code = CODE.format(before=before, enabled=enabled)
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_the_collector_does_not_run_meanwhile_and_works_afterwards() -> None:
    run("", True)


def test_a_collector_that_was_off_stays_off() -> None:
    run("gc.disable()", False)
