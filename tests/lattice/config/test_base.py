"""What every settings class shares: frozen fields with title, description, unit, bounds and cost."""

from typing import Annotated, get_args

import pytest
from pydantic import BaseModel, Field, ValidationError

from lattice.config import (
    EditCost,
    LatticeSettings,
    OptimizerSettings,
    SimpleProjectConfig,
    TrainingEmbeddingSettings,
    bounds_of,
    bounds_text,
    cost_of,
    setting,
    setting_fields,
    unit_of,
)
from lattice.config.base import EDIT_COSTS, Settings

FIELDS = list(setting_fields(SimpleProjectConfig))


class Oven(Settings):
    """Settings that exist only here."""

    degrees: float = setting(180.0, title="Heat", description="How hot.", unit="C", cost="live", gt=0.0, le=250.0)
    trays: int | None = setting(None, title="Trays", description="How many.", cost="rebuild", ge=1)
    shelf: tuple[Annotated[int, Field(ge=1, lt=9)], str] = setting(
        (1, ""), title="Shelf", description="Where.", cost="stencil"
    )
    name: str = setting("", title="Name", description="What it is called.", cost="live")


OVEN = Oven.model_fields


@pytest.mark.parametrize(("key", "field"), FIELDS, ids=[key for key, _ in FIELDS])
def test_every_setting_explains_itself(key, field):
    assert field.title
    assert field.title[0].isupper()
    assert field.description.endswith(".")
    assert cost_of(field) in get_args(EditCost)
    assert unit_of(field) == unit_of(field).strip()
    numeric = any(kind in (*get_args(field.annotation), field.annotation) for kind in (int, float))
    assert not numeric or bounds_of(field), f"{key} is a number without bounds"


@pytest.mark.parametrize(("key", "field"), FIELDS, ids=[key for key, _ in FIELDS])
def test_a_setting_that_may_be_empty_is_empty_by_default(key, field):
    """TOML has no null: an empty setting is left out of a file, so reading the file must give it back."""
    if type(None) in get_args(field.annotation):
        assert field.get_default() is None
        assert "Empty:" in field.description


def test_titles_are_unique_within_their_section():
    titles = [(key.rpartition(".")[0], field.title) for key, field in FIELDS]
    assert len(titles) == len(set(titles))


def test_every_section_explains_itself():
    for field in SimpleProjectConfig.model_fields.values():
        assert field.title
        assert field.description.endswith(".")


def test_costs_rise():
    assert EDIT_COSTS == ("live", "stencil", "rebuild")


def test_settings_are_frozen():
    with pytest.raises(ValidationError, match="frozen"):
        Oven().degrees = 200.0


def test_settings_are_values():
    assert Oven(degrees=200.0) == Oven(degrees=200)
    assert len({Oven(), Oven(), Oven(trays=2)}) == 2


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_are_finite(value):
    with pytest.raises(ValidationError, match="finite"):
        Oven(degrees=value)


def test_bounds_unit_and_cost_are_read_back():
    assert bounds_of(OVEN["degrees"]) == {"gt": 0.0, "le": 250.0}
    assert unit_of(OVEN["degrees"]) == "C"
    assert cost_of(OVEN["shelf"]) == "stencil"


def test_bounds_of_an_optional_and_of_elements_are_found():
    assert bounds_of(OVEN["trays"]) == {"ge": 1}
    assert bounds_of(OVEN["shelf"]) == {"ge": 1, "lt": 9}
    assert bounds_of(OVEN["name"]) == {}


@pytest.mark.parametrize(
    ("model", "name", "text"),
    [
        (LatticeSettings, "lattice_steps", "1 to 64 steps"),
        (LatticeSettings, "dimensions", "1 to 256 cells"),
        (LatticeSettings, "adaptive_radius_ratio", "above 0, at most 1 of the longest side"),
        (LatticeSettings, "local_distance_ratio", "above 0, below 1 of the radius"),
        (TrainingEmbeddingSettings, "max_total_samples", "at least 2 samples"),
        (TrainingEmbeddingSettings, "seed", "at least 0, below 2147483648"),
        (OptimizerSettings, "schedule", ""),
        (Oven, "degrees", "above 0, at most 250 C"),
    ],
)
def test_bounds_in_words(model, name, text):
    assert bounds_text(model.model_fields[name]) == text


def test_a_field_without_setting_is_a_fault_of_the_programmer():
    class Bare(BaseModel):
        value: int = 1

    with pytest.raises(TypeError, match="declared with setting"):
        cost_of(Bare.model_fields["value"])
