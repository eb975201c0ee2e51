"""What a model's own files say about the way from a text to an embedding: the layouts of sentence-transformers.

Written here and not taken from the package sentence-transformers: its import costs 10 seconds and 264 MB beside
transformers (measured with 6.2 on two cores), brings scikit-learn and scipy, and encodes without a cache or a cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lattice.data.teachers.refusals import own_code
from lattice.errors import TeacherError
from lattice.parsing import parse_json

FindFile = Callable[[str], Path | None]
"""Finds a file of the teacher by its name inside the teacher's folder."""

MODULES = "modules.json"
PROMPTS = "config_sentence_transformers.json"
STATIC_TYPE = "model2vec"
"""Model type of static embeddings that were saved by model2vec itself."""
_OLD_KINDS = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
_TRANSFORMER_FILES = tuple(f"sentence_{kind}_config.json" for kind in _OLD_KINDS)
_ENCODERS = {"Transformer", "BERT", "RoBERTa", "DistilBERT", "ALBERT", "CamemBERT", "XLMRoBERTa", "XLNet", "T5"}
"""First modules that are a transformer; all but the first one are from before version 0.3."""
STEPS = ("Pooling", "Dense", "LayerNorm", "Normalize")
_WITHOUT_EFFECT = {"Dropout"}
_PACKAGE = "sentence_transformers."
_OWN_MODEL, _SCORES = "SentenceTransformer", "ForSequenceClassification"
_GIVES = {
    "SparseEncoder": "a sparse vector with one number for each token of its vocabulary",
    "CrossEncoder": "a score for two texts, and no embedding",
    "ColBERT": "one vector for each token of a text",
    "MultiVectorEncoder": "one vector for each token of a text",
}
"""What other models of sentence-transformers and its relatives give."""


@dataclass(frozen=True)
class Step:
    """One module behind the transformer."""

    kind: str
    """One of `STEPS`."""
    folder: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A model's own account of itself."""

    static: bool = False
    """Whether it is a table with one row a token, without a transformer."""
    folder: str = ""
    """Where in the model's folder its weights and tokenizer lie; empty: at the top."""
    steps: tuple[Step, ...] | None = None
    """Modules behind the tokens' vectors, None where the model names none."""
    pools_itself: bool = False
    """Whether the transformer itself gives one vector a text."""
    max_length: int | None = None
    """Tokens after which the model's makers cut, None if they do not say."""
    lower_case: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    """Name -> text that is put before every text."""
    default_prompt: str | None = None
    truncate_dim: int | None = None
    """Numbers that are kept of each embedding."""

    def path(self, name: str) -> str:
        """Return the path of a file of the transformer inside the model's folder."""
        return f"{self.folder}/{name}" if self.folder else name


def read_layout(name: str, find: FindFile) -> Layout:
    """Return the layout of a model; a plain one has no steps.

    Raises:
        TeacherError: a file can't be read, or names a module that is not known here or is the model's own code.
    """
    modules_file = find(MODULES)
    config = read_settings(find("config.json"))
    model = read_settings(find(PROMPTS))
    _refuse_other_kinds(name, config, model)
    if modules_file is None:
        static = config.get("model_type") == STATIC_TYPE
        own_unit = static and config.get("normalize", True)
        pooled = (Step("Pooling"), *((Step("Normalize"),) if own_unit else ()))
        own = {} if static else _transformer_settings(find, "", _TRANSFORMER_FILES[:1])
        return Layout(static=static, steps=pooled if static else None, max_length=_max_length(own))
    modules = read_settings(modules_file).get("list", [])
    if not modules or not all(isinstance(module, dict) for module in modules):
        raise TeacherError(f"{modules_file} lists no modules; expected the list that sentence-transformers writes")
    kinds = [_kind(name, module) for module in modules]
    folders = [_folder(modules_file, module) for module in modules]
    if kinds[0] not in {*_ENCODERS, "StaticEmbedding"}:
        raise _unknown(name, [kinds[0]])
    pairs = [pair for pair in zip(kinds[1:], folders[1:], strict=True) if pair[0] not in _WITHOUT_EFFECT]
    if unknown := [kind for kind, _ in pairs if kind not in STEPS]:
        raise _unknown(name, unknown)
    lacking = next(
        (folder for kind, folder in pairs if kind == "Pooling" and find(f"{folder}/config.json") is None), None
    )
    if lacking is not None:
        raise TeacherError(
            f"teacher {name!r}: {lacking}/config.json is missing, which says how the tokens' vectors become one; copy "
            "the whole folder, or get the model again"
        )
    steps = [Step(kind, folder, read_settings(find(f"{folder}/config.json"))) for kind, folder in pairs]
    static = kinds[0] == "StaticEmbedding"
    if static:
        steps.insert(0, Step("Pooling"))
    own = {} if static else _transformer_settings(find, folders[0], _TRANSFORMER_FILES)
    prompts = model.get("prompts")
    default = model.get("default_prompt_name")
    return Layout(
        static=static,
        folder=folders[0],
        steps=tuple(steps),
        pools_itself=own.get("module_output_name") == "sentence_embedding",
        max_length=_max_length(own),
        lower_case=own.get("do_lower_case") is True,
        prompts={str(key): str(text or "") for key, text in (prompts if isinstance(prompts, dict) else {}).items()},
        default_prompt=default if isinstance(default, str) else None,
        truncate_dim=_count(model.get("truncate_dim")),
    )


def _refuse_other_kinds(name: str, config: Mapping[str, Any], model: Mapping[str, Any]) -> None:
    """Refuse what gives no single dense embedding of a text, though a transformer is a part of it."""
    kind = str(model.get("model_type") or _OWN_MODEL)
    classes = [str(part) for part in config.get("architectures") or []]
    if kind == _OWN_MODEL and "sentence_transformers" in config and any(_SCORES in part for part in classes):
        kind = "CrossEncoder"
    if any("colbert" in part.lower() for part in classes):
        kind = "ColBERT"
    if kind != _OWN_MODEL:
        gives = _GIVES.get(kind, "no dense embedding of a text that is known here")
        raise TeacherError(
            f"teacher {name!r} is a {kind}, which gives {gives}; give a model of the kind {_OWN_MODEL}, or encode the "
            "texts with the program that it is made for and open the vectors"
        )


def read_settings(path: Path | None) -> dict[str, Any]:
    """Return a JSON file's values, a list under the key `list`; empty for no file.

    Raises:
        TeacherError: it is no JSON.
    """
    if path is None:
        return {}
    try:
        values = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TeacherError(f"the teacher's file {path} can't be read ({error}); get the model again") from None
    return values if isinstance(values, dict) else {"list": values}


def _kind(name: str, module: Mapping[str, Any]) -> str:
    kind = str(module.get("type", ""))
    if not kind.startswith(_PACKAGE):
        raise own_code(name, f"{MODULES} names the module {kind!r}")
    return kind.rpartition(".")[2]


def _folder(modules_file: Path, module: Mapping[str, Any]) -> str:
    folder = str(module.get("path") or "")
    if folder.startswith(("/", "\\")) or ":" in folder or ".." in folder.replace("\\", "/").split("/"):
        raise TeacherError(f"{modules_file} names the folder {folder!r}, which is not inside the model's")
    return folder.strip("/")


def _unknown(name: str, kinds: list[str]) -> TeacherError:
    return TeacherError(
        f"teacher {name!r} is built of {', '.join(kinds)}, which is not known here (known: a transformer or static "
        f"embeddings, then {', '.join(STEPS)}); encode the texts with sentence-transformers itself and open the vectors"
    )


def _transformer_settings(find: FindFile, folder: str, files: Sequence[str]) -> dict[str, Any]:
    for file in files:
        settings = read_settings(find(f"{folder}/{file}" if folder else file))
        if settings:
            return settings
    return {}


def _max_length(own: Mapping[str, Any]) -> int | None:
    nested = [own.get(key) for key in ("processor_kwargs", "tokenizer_args")]
    lengths = [own.get("max_seq_length"), *(part.get("model_max_length") for part in nested if isinstance(part, dict))]
    return next((length for length in map(_count, lengths) if length is not None and length > 1), None)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
