"""What can be offered: a class of the right kind, known by its base's name, without importing that."""

import subprocess
import sys

import pytest

from lattice.errors import PluginError
from lattice.objectives import Objective, Reconstruct
from lattice.offer import Offer, derives, offer_of

BASE = "lattice.objectives.Objective"


class Shift(Objective):
    """Rotates the components."""

    def make(self, batch):
        return batch.clean_BD, batch.clean_BD.roll(1, -1)


def test_a_class_is_described_by_what_it_says_of_itself():
    offer = offer_of("shift_by_one", Shift, "objective", BASE)
    assert (offer.title, offer.description) == ("Shift by one", "Rotates the components.")
    assert offer.load() is Shift
    assert offer_of("shift", offer, "objective", BASE) is offer


@pytest.mark.parametrize(
    ("offered", "got"), [(3, "a value of type int"), (int, "the class int"), (Shift({}), "a value of type Shift")]
)
def test_what_is_no_such_class_is_refused(offered, got):
    with pytest.raises(PluginError, match=f"the objective 'x' is {got}, expected a subclass of {BASE}"):
        offer_of("x", offered, "objective", BASE)


def test_a_base_is_known_by_its_name():
    assert derives(Shift, BASE)
    assert derives(Objective, BASE)
    assert derives(Reconstruct, "lattice.objectives.Reconstruct")
    assert not derives(Objective, "lattice.objectives.Reconstruct")
    assert not derives(type(Offer), BASE)


def test_an_offer_needs_no_torch():
    code = "import sys, lattice.offer, lattice.plugins; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0
