"""Which settings belong to what a choice names: those of a cell rule, or of an objective."""

from __future__ import annotations

from lattice.config.keys import setting_fields
from lattice.config.project import SimpleProjectConfig
from lattice.config.sections import PluginSections
from lattice.offer import Offer
from lattice.plugins import Registry


def naming_keys() -> tuple[str, ...]:
    """Return the dotted keys of the settings that choose a registered class."""
    kinds = (field.annotation for field in SimpleProjectConfig.model_fields.values())
    return tuple(kind.named for kind in kinds if isinstance(kind, type) and issubclass(kind, PluginSections))


def own_keys(choice: str, name: str) -> tuple[str, ...]:
    """Return the dotted keys of one registered class's own settings, in the order in which it declares them.

    Args:
        choice: dotted key of the setting that chooses it, `model.rule` or `training_embedding.objective`.
        name: under which it is registered; without such an entry there are no settings.

    Raises:
        KeyError: `choice` is another setting.
    """
    prefix, sections = _sections_of(choice)
    if name not in sections.registry:
        return ()
    offer = sections.registry[name]
    if offer.settings is None:
        return ()
    if offer.section is not None:
        keys = setting_fields(offer.settings, f"{offer.section}.")
        return tuple(key for key, _ in keys if key.removeprefix(f"{offer.section}.") not in offer.shared)
    return tuple(key for key, _ in setting_fields(offer.settings, f"{prefix}.{name}."))


def registry_named_by(choice: str) -> Registry[Offer]:
    """Return the registry that holds what a choice names; raises KeyError as `own_keys` does."""
    return _sections_of(choice)[1].registry


def _sections_of(choice: str) -> tuple[str, type[PluginSections]]:
    for prefix, field in SimpleProjectConfig.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, PluginSections) and kind.named == choice:
            return prefix, kind
    raise KeyError(choice)
