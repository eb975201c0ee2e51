"""The whole configuration: composed settings, presets, TOML, overrides, and the cost of an edit."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError
from typing_extensions import Self

from lattice.config.base import EDIT_COSTS, EditCost, Settings, cost_of
from lattice.config.data import DataSettings
from lattice.config.lattice import LatticeSettings, NeighborSettings
from lattice.config.model import EmbeddingMappingSettings, ModelSettings
from lattice.config.runtime import DeviceSettings, LoggingSettings
from lattice.config.teacher import TeacherSettings
from lattice.config.training import OptimizerSettings, TrainingEmbeddingSettings
from lattice.errors import ConfigError
from lattice.log import configure_logging
from lattice.paths import presets_folder


class SimpleProjectConfig(BaseModel):
    """Everything that defines a run. Building one also configures the project's logger."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    lattice: LatticeSettings = LatticeSettings()
    neighbors: NeighborSettings = NeighborSettings()
    model: ModelSettings = ModelSettings()
    embedding_mapping: EmbeddingMappingSettings = EmbeddingMappingSettings()
    training_embedding: TrainingEmbeddingSettings = TrainingEmbeddingSettings()
    data: DataSettings = DataSettings()
    teacher: TeacherSettings = TeacherSettings()
    optimizer: OptimizerSettings = OptimizerSettings()
    device: DeviceSettings = DeviceSettings()
    logging: LoggingSettings = LoggingSettings()

    def model_post_init(self, _context: Any) -> None:
        """Configure the project's logger from the `logging` section."""
        configure_logging(
            self.logging.level,
            debug_mode=self.logging.debug_mode,
            log_file=self.logging.log_file,
        )

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any], *, source: str = "configuration") -> Self:
        """Build a config from nested dicts; raise `ConfigError` naming key, value and bounds."""
        try:
            return cls.model_validate(_drop_computed(values))
        except ValidationError as error:
            raise ConfigError(_explain(error, cls, source)) from None

    @classmethod
    def from_toml(cls, path: Path | str) -> Self:
        """Read a config from a TOML file."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"can't read the configuration {path}: {error}") from None
        return cls.from_toml_text(text, source=str(path))

    @classmethod
    def from_toml_text(cls, text: str, *, source: str = "configuration") -> Self:
        """Parse a config from TOML text."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"{source} is not valid TOML: {error}") from None
        return cls.from_mapping(values, source=source)

    @classmethod
    def from_preset(cls, name: str) -> Self:
        """Read one of the bundled presets, see `preset_names`."""
        if name not in preset_names():
            raise ConfigError(f"unknown preset {name!r}: expected one of {', '.join(preset_names())}")
        return cls.from_toml(presets_folder() / f"{name}.toml")

    def to_toml(self) -> str:
        """Return the config as TOML text; a setting that is None is left out."""
        return tomlkit.dumps(_without_none(self.to_mapping()))

    def to_mapping(self) -> dict[str, Any]:
        """Return the config as nested dicts of plain values, computed properties left out."""
        return _drop_computed(self.model_dump(mode="json"))

    def override(self, assignments: Iterable[str]) -> Self:
        """Return a copy with `section.key=value` texts applied; values are TOML, bare words are strings."""
        values = self.to_mapping()
        for assignment in assignments:
            key, separator, text = assignment.partition("=")
            parts = key.strip().split(".")
            if not separator or len(parts) < 2:
                raise ConfigError(f"can't read the setting {assignment!r}: expected section.key=value")
            target = values
            for part in parts[:-1]:
                target = target.setdefault(part, {})
                if not isinstance(target, dict):
                    raise ConfigError(f"setting {key.strip()!r}: {part!r} is a value, not a section")
            target[parts[-1]] = _parse_value(text.strip())
        return self.from_mapping(values, source="--set")

    def replaced(self, changes: Mapping[str, Any]) -> Self:
        """Return a copy with dotted keys changed, such as `{"lattice.lattice_steps": 6}`."""
        values = self.to_mapping()
        for key, value in changes.items():
            *sections, name = key.split(".")
            target = values
            for section in sections:
                target = target.setdefault(section, {})
            target[name] = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
        return self.from_mapping(values, source="edit")

    def changes_to(self, other: SimpleProjectConfig) -> dict[str, EditCost]:
        """Return the dotted keys that differ from `other`, each with what editing it costs."""
        before, after = dict(flat_settings(self)), dict(flat_settings(other))
        return {key: cost_of_key(key) for key, value in after.items() if before[key] != value}


def edit_cost(changes: Mapping[str, EditCost]) -> EditCost | None:
    """Return the dearest cost among `changes`, None if there is none."""
    return max(changes.values(), key=EDIT_COSTS.index, default=None)


def preset_names() -> tuple[str, ...]:
    """Names of the bundled presets, smallest cube first."""
    order = {"debug": 0, "experiment": 1, "optimized": 2}
    names = (path.stem for path in presets_folder().glob("*.toml"))
    return tuple(sorted(names, key=lambda name: (order.get(name, len(order)), name)))


def flat_settings(config: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf setting as (dotted key, value)."""
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, BaseModel):
            yield from flat_settings(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def cost_of_key(key: str) -> EditCost:
    """Return what editing the setting with a dotted key costs."""
    *sections, name = key.split(".")
    model: type[BaseModel] = SimpleProjectConfig
    for section in sections:
        annotation = model.model_fields[section].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            raise KeyError(key)
        model = annotation
    return cost_of(model.model_fields[name])


def _parse_value(text: str) -> Any:
    if text.lower() in {"none", ""}:
        return None
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, Mapping) else value
        for key, value in values.items()
        if value is not None
    }


def _drop_computed(values: Mapping[str, Any], model: type[BaseModel] = SimpleProjectConfig) -> dict[str, Any]:
    """Copy nested dicts without the computed properties that `model_dump` writes."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        if key in model.model_computed_fields:
            continue
        field = model.model_fields.get(key)
        inner = field.annotation if field is not None else None
        if isinstance(value, Mapping) and isinstance(inner, type) and issubclass(inner, Settings):
            value = _drop_computed(value, inner)
        kept[key] = value
    return kept


def _explain(error: ValidationError, model: type[BaseModel], source: str) -> str:
    lines = []
    for item in error.errors():
        path = [str(part) for part in item["loc"]]
        key = ".".join(path) or "configuration"
        if item["type"] == "extra_forbidden":
            lines.append(f"unknown setting {key!r}{_nearest(path, model)}")
        else:
            message = item["msg"].removeprefix("Value error, ")
            shown = "" if isinstance(item["input"], Mapping) or item["type"] == "value_error" else f" = {item['input']!r}"
            lines.append(f"{key}{shown}: {message[0].lower()}{message[1:]}")
    return f"{source}: " + "; ".join(lines)


def _nearest(path: list[str], model: type[BaseModel]) -> str:
    for section in path[:-1]:
        annotation = model.model_fields[section].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return ""
        model = annotation
    near = difflib.get_close_matches(path[-1], model.model_fields, n=1, cutoff=0.0)
    prefix = ".".join([*path[:-1], ""])
    return f"; the nearest valid one is {prefix + near[0]!r}" if near else ""
