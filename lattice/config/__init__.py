"""Frozen, documented settings; `SimpleProjectConfig` composes them."""

from lattice.config.base import EditCost, Settings, bounds_of, bounds_text, cost_of, setting, unit_of
from lattice.config.data import DataSettings
from lattice.config.keys import flat_settings, section_model, setting_fields
from lattice.config.lattice import DistanceThresholds, LatticeSettings, NeighborSettings
from lattice.config.loss_weights import LossWeights
from lattice.config.model import EmbeddingMappingSettings, ModelSettings
from lattice.config.own_settings import naming_keys, own_keys, registry_named_by
from lattice.config.project import (
    SimpleProjectConfig,
    cost_of_key,
    edit_cost,
    preset_names,
    preset_summary,
)
from lattice.config.rules import DiffusionSettings, NCASettings
from lattice.config.runtime import DeviceSettings, LoggingSettings
from lattice.config.sections import NameIn, ObjectiveSections, PluginSections, RuleSections, choices_of, entries_of
from lattice.config.teacher import TeacherSettings
from lattice.config.training import OptimizerSettings, TrainingEmbeddingSettings
from lattice.config.wishes import Wishes
from lattice.plugins import CELL_RULES, OBJECTIVES

__all__ = [
    "CELL_RULES",
    "OBJECTIVES",
    "DataSettings",
    "DeviceSettings",
    "DiffusionSettings",
    "DistanceThresholds",
    "EditCost",
    "EmbeddingMappingSettings",
    "LatticeSettings",
    "LoggingSettings",
    "LossWeights",
    "ModelSettings",
    "NCASettings",
    "NameIn",
    "NeighborSettings",
    "ObjectiveSections",
    "OptimizerSettings",
    "PluginSections",
    "RuleSections",
    "Settings",
    "SimpleProjectConfig",
    "TeacherSettings",
    "TrainingEmbeddingSettings",
    "Wishes",
    "bounds_of",
    "bounds_text",
    "choices_of",
    "cost_of",
    "cost_of_key",
    "edit_cost",
    "entries_of",
    "flat_settings",
    "naming_keys",
    "own_keys",
    "preset_names",
    "preset_summary",
    "registry_named_by",
    "section_model",
    "setting",
    "setting_fields",
    "unit_of",
]
