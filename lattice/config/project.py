"""The whole configuration: composed settings, presets, TOML, overrides, and the cost of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from lattice.config import built_ins
from lattice.config.assignment import parse_assignment
from lattice.config.base import EDIT_COSTS, EditCost, cost_of
from lattice.config.data import DataSettings
from lattice.config.explain import explain
from lattice.config.keys import assign, flat_settings, setting_fields
from lattice.config.lattice import LatticeSettings, NeighborSettings
from lattice.config.model import EmbeddingMappingSettings, ModelSettings
from lattice.config.runtime import DeviceSettings, LoggingSettings
from lattice.config.sections import ObjectiveSections, PluginSections, RuleSections
from lattice.config.teacher import TeacherSettings
from lattice.config.training import OptimizerSettings, TrainingEmbeddingSettings
from lattice.errors import ConfigError
from lattice.limits import MAX_SETTINGS_BYTES
from lattice.log import configure_logging, ensure_logging
from lattice.parsing import ParseError, parse_toml
from lattice.paths import presets_folder
from lattice.regular_files import read_within, reason

built_ins.register()


class SimpleProjectConfig(BaseModel):
    """Everything that defines a run. Building one also configures the project's logger."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    lattice: LatticeSettings = Field(
        LatticeSettings(), title="Lattice", description="The cube: its size, how far a cell sees, how long cells talk."
    )
    neighbors: NeighborSettings = Field(
        NeighborSettings(), title="Neighbours", description="How the means over the neighbour tiers are computed."
    )
    model: ModelSettings = Field(
        ModelSettings(), title="Cell prototype", description="The one small network that every cell runs."
    )
    rule: SerializeAsAny[RuleSections] = Field(
        default_factory=RuleSections.defaults,
        title="Cell rules",
        description="Settings of the cell rules other than 'experts', one section each.",
    )
    embedding_mapping: EmbeddingMappingSettings = Field(
        EmbeddingMappingSettings(),
        title="Mapping",
        description="How an embedding is painted on the cube's surface and read back.",
    )
    training_embedding: TrainingEmbeddingSettings = Field(
        TrainingEmbeddingSettings(),
        title="Training",
        description="What is learned, from which samples, and how it is measured.",
    )
    objective: SerializeAsAny[ObjectiveSections] = Field(
        default_factory=ObjectiveSections.defaults,
        title="Objectives",
        description="Settings of the objectives that plugins bring, one section each.",
    )
    data: DataSettings = Field(
        DataSettings(), title="Data", description="How the samples are read from their sources, checked and stored."
    )
    teacher: TeacherSettings = Field(
        TeacherSettings(), title="Teacher", description="The language model that turns texts into embeddings."
    )
    optimizer: OptimizerSettings = Field(
        OptimizerSettings(), title="Optimizer", description="AdamW and its learning rate schedule."
    )
    device: DeviceSettings = Field(DeviceSettings(), title="Device", description="Where the cube is computed.")
    logging: LoggingSettings = Field(LoggingSettings(), title="Log", description="What the program writes to its log.")

    def model_post_init(self, _context: Any) -> None:
        """Configure the project's logger; a config that says nothing of it leaves an earlier one's wishes alone."""
        if "logging" not in self.model_fields_set:
            ensure_logging()
            return
        wishes = self.logging
        configure_logging(wishes.level, debug_mode=wishes.debug_mode, log_file=wishes.log_file)

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, source: str = "configuration") -> Self:
        """Build a config from nested dicts; raise `ConfigError` naming key, value and bounds."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise ConfigError(explain(error, cls, source)) from None

    @classmethod
    def from_toml(cls, path: Path | str) -> Self:
        """Read a config from a TOML file."""
        path = Path(path)
        try:
            # Windows editors begin a file with a byte order mark.
            text = read_within(path, MAX_SETTINGS_BYTES).decode("utf-8-sig")
        except OSError as error:
            raise ConfigError(f"can't read the configuration {path}: {reason(error)}") from None
        except UnicodeDecodeError as error:
            raise ConfigError(f"can't read the configuration {path}: {error}") from None
        return cls.from_toml_text(text, source=str(path))

    @classmethod
    def from_toml_text(cls, text: str, *, source: str = "configuration") -> Self:
        """Parse a config from TOML text."""
        try:
            values = parse_toml(text)
        except ParseError as error:
            raise ConfigError(f"{source} is not valid TOML: {error}") from None
        return cls.from_mapping(values, source=source)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """Read one of the bundled presets, see `preset_names`."""
        if name not in preset_names():
            raise ConfigError(f"unknown preset {name!r}: expected one of {', '.join(preset_names())}")
        return cls.from_toml(presets_folder() / f"{name}.toml")

    @property
    def layer_axis(self) -> int:
        """Axis, 0 to 2, across which the cube's layers lie: from the input face inwards, else the longest side."""
        mapping, sides = self.embedding_mapping, self.lattice.dimensions
        return "xyz".index(mapping.input_face[1]) if mapping.placement == "through" else sides.index(max(sides))

    def to_toml(self) -> str:
        """Return the config as TOML text; a setting that is None is left out."""
        return tomlkit.dumps(_without_none(self.to_mapping()))

    def to_mapping(self) -> dict[str, Any]:
        """Return the config as nested dicts of plain values, computed properties left out.

        Of the sections that plugins bring, those are left out that are not in use and hold defaults, so that a file
        asks only for plugins that it needs.
        """
        values = self.model_dump(mode="json", exclude_computed_fields=True)
        for name, field in SimpleProjectConfig.model_fields.items():
            kind = field.annotation
            if isinstance(kind, type) and issubclass(kind, PluginSections):
                used, defaults = self._in_use(kind), kind.defaults().model_dump(mode="json")
                # A section that nothing is registered for any more has no default to compare with.
                kept = {key: value for key, value in values.pop(name).items() if key == used or key in defaults}
                if given := _given_sections(kept, used, defaults):
                    values[name] = given
        return values

    def _in_use(self, sections: type[PluginSections]) -> str:
        """Return the name of the registered class whose settings are in force."""
        section, _, key = sections.named.partition(".")
        return str(getattr(getattr(self, section), key))

    def override(self, assignments: Iterable[str]) -> Self:
        """Return a copy with `section.key=value` texts applied, see `parse_assignment`."""
        values = self._given()
        for assignment in assignments:
            assign(values, *parse_assignment(assignment, type(self)))
        return self.from_mapping(values, source="--set")

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with dotted keys changed, such as `{"lattice.lattice_steps": 6}`."""
        values = self._given()
        for key, value in changes.items():
            plain = (
                value.model_dump(mode="json", exclude_computed_fields=True) if isinstance(value, BaseModel) else value
            )
            assign(values, key, plain)
        return self.from_mapping(values, source="edit")

    def _given(self) -> dict[str, Any]:
        """Return `to_mapping`, without the log's settings if nobody gave any, for a config that holds some changes.

        Of the sections that plugins bring, what the classes registered now lack is left out: otherwise a config from
        before a plugin was unloaded or loaded again could be changed no more.
        """
        values = self.to_mapping()
        for name, field in SimpleProjectConfig.model_fields.items():
            kind = field.annotation
            if name in values and isinstance(kind, type) and issubclass(kind, PluginSections):
                values[name] = kind.current_part(values[name])
        if "logging" not in self.model_fields_set:
            del values["logging"]
        return values

    def changes_to(self, other: SimpleProjectConfig) -> dict[str, EditCost]:
        """Return the dotted keys that differ from `other`, each with what editing it costs."""
        before, after = dict(flat_settings(self)), dict(flat_settings(other))
        changes: dict[str, EditCost] = {}
        for key, field in setting_fields(SimpleProjectConfig):
            # What was registered after a config was made has its defaults there.
            default = None if key in before and key in after else field.get_default()
            if before.get(key, default) != after.get(key, default):
                changes[key] = cost_of(field) if other._acts(key) else "live"
        return changes

    def _acts(self, key: str) -> bool:
        """Say whether a setting is in force: those of a rule or objective that isn't in use are not."""
        name, _, rest = key.partition(".")
        sections = SimpleProjectConfig.model_fields[name].annotation
        if not (isinstance(sections, type) and issubclass(sections, PluginSections)):
            return True
        return rest.partition(".")[0] == self._in_use(sections)


def edit_cost(changes: Mapping[str, EditCost]) -> EditCost | None:
    """Return the dearest cost among `changes`, None if there is none."""
    return max(changes.values(), key=EDIT_COSTS.index, default=None)


def preset_names() -> tuple[str, ...]:
    """Names of the bundled presets, smallest cube first."""
    order = {"wave": 0, "debug": 1, "memories": 2, "experiment": 3, "optimized": 4}
    names = (path.stem for path in presets_folder().glob("*.toml"))
    return tuple(sorted(names, key=lambda name: (order.get(name, len(order)), name)))


def preset_summary(name: str) -> str:
    """Return what a bundled preset is for: the comment at the head of its file, as one line."""
    lines = (presets_folder() / f"{name}.toml").read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("#").strip() for line in takewhile(lambda line: line.startswith("#"), lines))


def cost_of_key(key: str) -> EditCost:
    """Return what editing the setting with a dotted key costs; raise KeyError if there is no such setting."""
    return cost_of(dict(setting_fields(SimpleProjectConfig))[key])


def _given_sections(sections: Mapping[str, Any], used: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in sections.items() if key == used or value != defaults[key]}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value
        for key, value in values.items()
        if value is not None
    }
