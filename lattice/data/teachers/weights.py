"""Loads a model so that every weight in use comes from its files: what is missing is never left at random."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lattice.data.teachers.layout import FindFile, Layout, read_settings
from lattice.data.teachers.refusals import listed, own_code
from lattice.errors import TeacherError, first_line
from lattice.log import logger

ENCODER_CLASSES = {
    "t5": "T5EncoderModel",
    "mt5": "MT5EncoderModel",
    "umt5": "UMT5EncoderModel",
    "longt5": "LongT5EncoderModel",
    "switch_transformers": "SwitchTransformersEncoderModel",
    "t5gemma": "T5GemmaEncoderModel",
}
"""Model type -> class that loads the encoder alone."""
ENCODER_PARTS = {"marian", "m2m_100", "pegasus", "pegasus_x", "blenderbot", "blenderbot-small", "prophetnet"}
"""Model types whose encoder is a part of the whole model."""
POOLED_CLASSES = ("DPRContextEncoder", "DPRQuestionEncoder")
"""Classes that give one vector a text."""
SEGMENTS_AS_TOKENS = {"xlm", "flaubert", "gpt2", "openai-gpt", "ctrl"}
"""Model types that add the embedding of the token whose number a segment is: 0 is another thing to them than none."""
NO_HALF = {*ENCODER_CLASSES, "gemma", "gemma2", "gemma3", "gemma3_text"}
"""Model types whose values leave the range of float16."""
INDEX = "model.safetensors.index.json"
_QUANTISED = re.compile(r"[IU]\d+|F8.*|F4.*|F6.*")


@dataclass(frozen=True)
class ModelPlace:
    """What transformers loads."""

    name: str
    """For people."""
    source: str
    """A folder or a name on the hub."""
    revision: str | None
    local: bool
    """Whether the network stays out of it."""
    find: FindFile
    layout: Layout

    def options(self) -> dict[str, Any]:
        """Return the arguments that every `from_pretrained` gets."""
        options: dict[str, Any] = {"revision": self.revision or "main", "local_files_only": self.local}
        if self.layout.folder:
            options["subfolder"] = self.layout.folder
        return options | {"trust_remote_code": False}


def load_model(place: ModelPlace) -> Any:
    """Return the model with the weights of its files.

    Raises:
        TeacherError: weights are missing, do not fit or are quantised, or the model needs code of its own.
        OSError: files are missing, or a hub can't be reached.
        ValueError: the configuration is not one that transformers knows.
    """
    raw = read_settings(place.find(place.layout.path("config.json")))
    if own := _own_class(raw):
        raise own_code(place.name, f"its config.json names {own}")
    quantised = raw.get("quantization_config")
    if not quantised:
        _check_number_types(place)
    kind = str(raw.get("model_type", ""))
    try:
        model, info = _class_for(kind, raw).from_pretrained(
            place.source, output_loading_info=True, ignore_mismatched_sizes=True, **place.options()
        )
    except Exception as error:
        if quantised:
            raise _quantised(place.name, str(dict(quantised).get("quant_method", "")), first_line(error)) from error
        raise
    _check_weights(place.name, model, info, uses_pooler=place.layout.pools_itself)
    return model.get_encoder() if kind in ENCODER_PARTS or _is_whole_t5gemma(kind, raw) else model


def _own_class(raw: dict[str, Any]) -> str:
    """Return the Python class of its own that a configuration names for its model, empty if there is none."""
    classes = raw.get("auto_map")
    named = classes.get("AutoModel") if isinstance(classes, dict) else None
    return str(named or "")


def _class_for(kind: str, raw: dict[str, Any]) -> Any:
    transformers: Any = importlib.import_module("transformers")
    architectures = [str(name) for name in raw.get("architectures") or []]
    if kind == "dpr" and architectures and architectures[0] in POOLED_CLASSES:
        return getattr(transformers, architectures[0])
    if _is_whole_t5gemma(kind, raw):
        return transformers.AutoModel
    return getattr(transformers, ENCODER_CLASSES.get(kind, "AutoModel"))


def _is_whole_t5gemma(kind: str, raw: dict[str, Any]) -> bool:
    """Say whether a T5Gemma holds its decoder too: the class of its encoder takes a configuration without one alone."""
    return kind == "t5gemma" and raw.get("is_encoder_decoder") is not False


def _check_number_types(place: ModelPlace) -> None:
    """Refuse matrices of whole numbers or of 8 bits and less: transformers would take them as they stand."""
    from safetensors import safe_open

    index = read_settings(place.find(place.layout.path(INDEX))).get("weight_map")
    names = sorted(set(index.values())) if isinstance(index, dict) else ["model.safetensors"]
    wrong: dict[str, str] = {}
    for path in filter(None, (place.find(place.layout.path(str(name))) for name in names)):
        with safe_open(path, framework="pt") as file:
            for key in file.keys():  # noqa: SIM118 (no dict)
                part = file.get_slice(key)
                if key.endswith("weight") and len(part.get_shape()) > 1 and _QUANTISED.fullmatch(part.get_dtype()):
                    wrong[key] = part.get_dtype()
    if wrong:
        kinds = "/".join(sorted(set(wrong.values())))
        raise _quantised(place.name, kinds, f"config.json has no quantization_config for {listed(wrong)}")


def _quantised(name: str, how: str, why: str) -> TeacherError:
    return TeacherError(
        f"teacher {name!r} has quantised weights ({how or 'unknown kind'}) that can't be read here: {why}. "
        "Get the model in float32, float16 or bfloat16, or convert it with the program that quantised it"
    )


def _check_weights(name: str, model: Any, info: dict[str, Any], *, uses_pooler: bool) -> None:
    missing = [key for key in info["missing_keys"] if uses_pooler or "pooler" not in key.split(".")]
    unexpected = list(info["unexpected_keys"])
    if missing:
        raise TeacherError(
            f"teacher {name!r}: {len(missing)} weights of its {type(model).__name__} are not in its files: "
            f"{listed(missing)}; these are there and fit nowhere: {listed(unexpected) or 'none'}. A teacher is never "
            "used with random weights: get the model again, or save it with save_pretrained() of the class that "
            "config.json names"
        )
    if mismatched := info["mismatched_keys"]:
        shapes = [f"{key} is {tuple(found)}, expected {tuple(wanted)}" for key, found, wanted in mismatched]
        raise TeacherError(
            f"teacher {name!r}: {len(shapes)} weights have other shapes than its config.json says: {listed(shapes)}; "
            "take config.json and weights from the same model"
        )
    if more := _further_layers(model, unexpected):
        raise TeacherError(
            f"teacher {name!r}: its files hold {len(more)} weights of layers that its config.json does not have: "
            f"{listed(more)}; correct the number of layers in config.json, or save the model again without them"
        )
    if unexpected:
        logger.info("teacher: %d weights of %s are not used: %s", len(unexpected), name, listed(unexpected))


def _further_layers(model: Any, unexpected: Iterable[str]) -> list[str]:
    """Return the keys that differ from weights in use by the number of their layer alone."""
    numbered = {_unnumbered(key) for key in model.state_dict()}
    numbered = {key for key in numbered if ".*." in f".{key}"}
    return [key for key in unexpected if any(_unnumbered(key).endswith(pattern) for pattern in numbered)]


def _unnumbered(key: str) -> str:
    return re.sub(r"(?<=\.)\d+(?=\.)", "*", key)
