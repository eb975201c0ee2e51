"""Teachers that are not the ones on the disk: each is refused in one line that says what is wrong and what to do."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lattice.config import TeacherSettings
from lattice.data import load_teacher
from lattice.data.teachers.files import TeacherFiles, refuse_pointers
from lattice.errors import TeacherError
from tests.lattice.data.teachers.zoo import (
    MEAN,
    NORMALIZE,
    WIDTH,
    Module,
    change_json,
    dense,
    pooling,
    save_plain,
    save_sentence_model,
    save_static,
    write_json,
)

Spoil = Callable[[Path], object]
WEIGHTS = "model.safetensors"


def change_weights(change: Callable[[dict[str, torch.Tensor]], dict[str, torch.Tensor]]) -> Spoil:
    """Return what changes the weights of a folder."""

    def spoil(folder: Path) -> None:
        save_file(change(load_file(folder / WEIGHTS)), folder / WEIGHTS, metadata={"format": "pt"})

    return spoil


def renamed(old: str, new: str) -> Spoil:
    return change_weights(lambda held: {key.replace(old, new): row for key, row in held.items()})


def without(part: str) -> Spoil:
    return change_weights(lambda held: {key: row for key, row in held.items() if part not in key})


def prefixed(prefix: str) -> Spoil:
    return change_weights(lambda held: {prefix + key: row for key, row in held.items()})


def further_layer(held: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return held | {key.replace("layer.0", "layer.1"): row.clone() for key, row in held.items()}


def whole_numbers(dtype: torch.dtype) -> Spoil:
    return change_weights(
        lambda held: {key: row.mul(50).to(dtype) if "query.weight" in key else row for key, row in held.items()}
    )


def adapter(base: str | None) -> Spoil:
    settings = {"peft_type": "LORA", "task_type": "FEATURE_EXTRACTION", "r": 2, "target_modules": ["query"]}

    def spoil(folder: Path) -> None:
        write_json(folder / "adapter_config.json", settings | ({"base_model_name_or_path": base} if base else {}))

    return spoil


def both(*spoils: Spoil) -> Spoil:
    def spoil(folder: Path) -> None:
        for one in spoils:
            one(folder)

    return spoil


def drop(*names: str) -> Spoil:
    def spoil(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return spoil


def write(name: str, content: str) -> Spoil:
    return lambda folder: (folder / name).write_text(content, encoding="utf-8")


def config(**changes: object) -> Spoil:
    return lambda folder: change_json(folder / "config.json", **changes)


RANDOM = r"weights of its BertModel are not in its files: .*A teacher is never used with random weights: get the model"
PLAIN: dict[str, tuple[Spoil, str]] = {
    "all weights under a prefix": (prefixed("encoder_model."), r"21 " + RANDOM),
    "weights of a wrapper": (prefixed("module."), RANDOM),
    "weights of a compiled model": (prefixed("_orig_mod."), RANDOM),
    "weights of Lightning": (prefixed("model.bert."), RANDOM),
    "one weight renamed": (renamed("query.weight", "query_weight"), r"1 " + RANDOM),
    "no attention": (without("attention"), RANDOM),
    "no words": (without("word_embeddings"), r"1 weights .* embeddings\.word_embeddings\.weight; these are there"),
    "a joined adapter": (renamed("query.weight", "query.base_layer.weight"), r"query\.weight; these .*base_layer"),
    "too few layers": (config(num_hidden_layers=2), RANDOM),
    "another width": (
        config(intermediate_size=20),
        r"weights have other shapes than its config\.json says: .*expected \(20",
    ),
    "fewer layers than weights": (
        change_weights(further_layer),
        r"hold 16 weights of layers that its config\.json does not",
    ),
    "int8 weights": (
        whole_numbers(torch.int8),
        r"quantised weights \(I8\) that can't be read.*query\.weight\. Get the model",
    ),
    "uint8 weights": (whole_numbers(torch.uint8), r"quantised weights \(U8\)"),
    "float8 weights": (whole_numbers(torch.float8_e4m3fn), r"quantised weights \(F8_E4M3\)"),
    "bitsandbytes": (
        config(quantization_config={"quant_method": "bitsandbytes", "load_in_4bit": True}),
        r"quantised weights \(bitsandbytes\) that can't be read here: .*Get the model in float32",
    ),
    "GPTQ": (config(quantization_config={"quant_method": "gptq", "bits": 4}), r"quantised weights \(gptq\)"),
    "no tokenizer": (
        drop("tokenizer.json", "tokenizer_config.json"),
        r"its tokenizer is missing \(vocab\.txt or tokenizer\.json\): .*Copy the tokenizer's files",
    ),
    "a tokenizer without words": (
        both(drop("tokenizer.json", "tokenizer_config.json"), write("vocab.txt", "")),
        r"its tokenizer has no words",
    ),
    "no weights": (drop(WEIGHTS), r"teacher folder .* can't be loaded: .*model\.safetensors"),
    "damaged weights": (lambda folder: (folder / WEIGHTS).write_bytes(b"\x08" * 40), r"can't be loaded"),
    "own code": (
        config(auto_map={"AutoModel": "modeling.Special"}),
        r"needs code of its own, which is never run here \(its config\.json names modeling\.Special\)\. Ways out",
    ),
    "own code and kind": (
        config(model_type="special", auto_map={"AutoConfig": "c.Special", "AutoModel": "m.Special"}),
        r"needs code of its own, which is never run here",
    ),
    "own configuration": (
        config(model_type="special", auto_map={"AutoConfig": "c.Special"}),
        r"needs code of its own, which is never run here",
    ),
    "an unknown kind": (config(model_type="special"), r"can't be loaded: .*special"),
    "weights for another program": (
        lambda folder: (folder / WEIGHTS).rename(folder / "model.onnx"),
        r"it has no weights in a form of torch, but model\.onnx, which are for another program; get model\.s",
    ),
    "weights of llama.cpp alone": (
        both(drop(WEIGHTS, "config.json"), write("model-q4.gguf", "GGUF")),
        r"has no config\.json; .*It holds model-q4\.gguf, which is for another program",
    ),
    "a sparse encoder": (
        write("config_sentence_transformers.json", '{"model_type": "SparseEncoder"}'),
        r"is a SparseEncoder, which gives a sparse vector with one number for each token",
    ),
    "a cross encoder": (
        config(architectures=["BertForSequenceClassification"], sentence_transformers={"version": "5.0"}),
        r"is a CrossEncoder, which gives a score for two texts, and no embedding",
    ),
    "ColBERT": (config(architectures=["HF_ColBERT"]), r"is a ColBERT, which gives one vector for each token"),
    "a model with many vectors": (
        write("config_sentence_transformers.json", '{"model_type": "MultiVectorEncoder"}'),
        r"is a MultiVectorEncoder, which gives one vector for each token",
    ),
    "adapter beside a model": (
        adapter("base"),
        r"holds an adapter .* beside the weights of a model \(model\.s",
    ),
    "adapter without a base": (
        both(drop(WEIGHTS), adapter(None)),
        r"is an adapter, and its adapter_config\.json names no",
    ),
    "adapter whose base is away": (
        both(drop(WEIGHTS), adapter("nobody/base")),
        r"is an adapter, and its base can't be loaded: teacher 'nobody/base' is no local folder",
    ),
}


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the model that is spoiled."""
    return save_plain("bert", tmp_path_factory.mktemp("bert") / "model")


@pytest.mark.parametrize("name", PLAIN)
def test_a_model_that_is_not_whole_is_refused(
    tmp_path: Path, bert: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil, words = PLAIN[name]
    if "adapter" in name and importlib.util.find_spec("peft") is None:  # refused before it would be used
        find = importlib.util.find_spec
        json_in_its_place = find("json")
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name, *rest: json_in_its_place if name == "peft" else find(name, *rest)
        )
    folder = shutil.copytree(bert, tmp_path / "model")
    spoil(folder)
    with pytest.raises(TeacherError, match=words) as caught:
        load_teacher(TeacherSettings(model=str(folder)))
    assert "\n" not in str(caught.value)
    assert "model" in str(caught.value)


def test_a_pooler_that_is_not_used_may_be_missing(tmp_path: Path, bert: Path) -> None:
    folder = shutil.copytree(bert, tmp_path / "model")
    whole = load_teacher(TeacherSettings(model=str(bert))).encode(["cats"], use_cache=False)
    without("pooler")(folder)
    assert torch.equal(load_teacher(TeacherSettings(model=str(folder))).encode(["cats"], use_cache=False), whole)


@pytest.mark.parametrize(("base", "words"), [("", "is itself"), ("other", "is one too")])
def test_an_adapter_on_an_adapter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str, words: str
) -> None:
    find = importlib.util.find_spec  # peft need not be installed for it
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: find("json" if name == "peft" else name, *rest)
    )
    for name in ("mine", "other"):
        (tmp_path / name).mkdir()
        adapter("nobody/base")(tmp_path / name)
    adapter(str(tmp_path / (base or "mine")))(tmp_path / "mine")
    with pytest.raises(TeacherError, match=rf"is an adapter, and its base '.*' {words}; name a whole model"):
        load_teacher(TeacherSettings(model=str(tmp_path / "mine")))


def test_a_folder_around_a_model_names_it(tmp_path: Path, bert: Path) -> None:
    shutil.copytree(bert, tmp_path / "around" / "inner")
    with pytest.raises(TeacherError, match=r"has no config\.json; .*The folder inner in it holds one: give that"):
        load_teacher(TeacherSettings(model=str(tmp_path / "around")))


def test_without_peft_an_adapter_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    adapter("base")(folder)
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *rest: None if name == "peft" else find(name, *rest))
    with pytest.raises(TeacherError, match=r"is an adapter, which needs peft: pip install peft, or join it to"):
        load_teacher(TeacherSettings(model=str(folder)))


DENSE = "2_Dense/model.safetensors"
MODULES: dict[str, tuple[list[Module], Spoil, str]] = {
    "Dense without weights": ([MEAN, dense(8)], drop(DENSE), r"the weights of 2_Dense are missing .*linear\.bias"),
    "Dense with a weight missing": (
        [MEAN, dense(8)],
        lambda folder: save_file({"linear.weight": torch.zeros(8, WIDTH)}, folder / DENSE),
        r"2_Dense.model\.safetensors are missing: linear\.bias",
    ),
    "Dense of another shape": (
        [MEAN, dense(8)],
        lambda folder: save_file(
            {"linear.weight": torch.zeros(9, WIDTH), "linear.bias": torch.zeros(9)}, folder / DENSE
        ),
        r"2_Dense.model\.safetensors can't be read",
    ),
    "an activation of its own": (
        [MEAN, dense(8, "x.Mine")],
        config(),
        r"has the activation 'torch\.nn\.modules\.x\.M",
    ),
    "an unknown module": (
        [MEAN, Module("CNN")],
        config(),
        r"is built of CNN, which is not known here .*open the v",
    ),
    "a router": ([Module("Router")], config(), r"is built of Router"),
    "an unknown pooling": ([pooling("median")], config(), r"pools by median, which is not known"),
    "two poolings": ([MEAN, MEAN], config(), r"has two modules Pooling"),
    "no pooling": ([NORMALIZE], config(), r"stands on the wrong side of Pooling"),
    "code of its own": (
        [MEAN],
        lambda folder: write_json(folder / "modules.json", [{"type": "custom.Thing", "path": ""}]),
        r"modules\.json names the module 'custom\.Thing'\)\. Ways out",
    ),
    "a folder outside": (
        [MEAN],
        lambda folder: write_json(
            folder / "modules.json", [{"type": "sentence_transformers.models.Transformer", "path": "../x"}]
        ),
        r"names the folder '\.\./x', which is not inside the model's",
    ),
    "an empty list": ([MEAN], write("modules.json", "[]"), r"modules\.json lists no modules"),
    "damaged": ([MEAN], write("modules.json", "{"), r"modules\.json can't be read .*get the model again"),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_folder_of_sentence_transformers_that_is_not_whole_is_refused(tmp_path: Path, name: str) -> None:
    modules, spoil, words = MODULES[name]
    folder = save_sentence_model(tmp_path / "model", "bert", modules)
    spoil(folder)
    with pytest.raises(TeacherError, match=words) as caught:
        load_teacher(TeacherSettings(model=str(folder)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (drop("tokenizer.json"), r"static embeddings lack tokenizer\.json"),
        (drop(WEIGHTS), r"static embeddings lack model\.safetensors"),
        (lambda folder: save_file({"other": torch.zeros(4)}, folder / WEIGHTS), r"hold other; expected a table"),
        (
            lambda folder: save_file({"embeddings": torch.zeros(40, 4, dtype=torch.int8)}, folder / WEIGHTS),
            r"static embeddings are quantised \(int8\) and have no scale; get the model in float32",
        ),
    ],
)
def test_static_embeddings_that_are_not_whole_are_refused(tmp_path: Path, spoil: Spoil, words: str) -> None:
    folder = save_sentence_model(tmp_path / "model", "", [NORMALIZE], save=save_static)
    spoil(folder)
    with pytest.raises(TeacherError, match=words):
        load_teacher(TeacherSettings(model=str(folder)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"prompt": "other"},
            r"teacher\.prompt names the prompt 'other', but the model's prompts are: 'query', 'doc'",
        ),
        ({"truncate_dim": 17}, r"makes 16 numbers a text, and 17 are to be kept; set teacher\.truncate_dim"),
    ],
)
def test_settings_that_do_not_fit_the_model_are_refused(
    tmp_path: Path, settings: dict[str, object], words: str
) -> None:
    card = {"prompts": {"query": "query: ", "doc": ""}}
    folder = save_sentence_model(tmp_path / "model", "bert", [MEAN], card=card)
    with pytest.raises(TeacherError, match=words):
        load_teacher(TeacherSettings.model_validate({"model": str(folder)} | settings))


def test_a_default_prompt_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    folder = save_sentence_model(tmp_path / "model", "bert", [MEAN], card={"default_prompt_name": "query"})
    with pytest.raises(TeacherError, match=r"config_sentence_transformers\.json names the prompt 'query'.*none at all"):
        load_teacher(TeacherSettings(model=str(folder)))
    assert load_teacher(TeacherSettings(model=str(folder), prompt="none")).encoder.prompt.text == ""


POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"


@pytest.mark.parametrize("name", [WEIGHTS, "tokenizer.json", "1_Pooling/config.json"])
def test_a_clone_without_its_large_files_says_how_to_get_them(tmp_path: Path, name: str) -> None:
    folder = save_sentence_model(tmp_path / "model", "bert", [MEAN])
    (folder / name).write_text(POINTER)
    with pytest.raises(TeacherError, match=rf"{name} is only a pointer of Git LFS.*`git lfs pull`"):
        load_teacher(TeacherSettings(model=str(folder)))


def test_pointers_to_weights_that_are_not_loaded_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "openvino").mkdir()
    for name in (WEIGHTS, "pytorch_model.bin", "openvino/openvino_model.bin"):
        (tmp_path / name).write_text(POINTER if name != WEIGHTS else "weights")
    refuse_pointers(tmp_path)
    (tmp_path / WEIGHTS).unlink()
    with pytest.raises(TeacherError, match=r"pytorch_model\.bin is only a pointer of Git LFS"):
        refuse_pointers(tmp_path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda folder: (folder / "1_Pooling" / "config.json").unlink(),
            r"1_Pooling/config\.json is missing, which says how the tokens' vectors become one",
        ),
        (
            lambda folder: (folder / "tokenizer.json").unlink(),
            r"its tokenizer can't be made from its files .*Add its tokenizer\.json",
        ),
        (lambda folder: (folder / WEIGHTS).unlink(), r"can't be loaded: .*; get the model again, whole"),
        (
            lambda folder: (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:5000]),
            r"can't be loaded: .*; get the model again, whole",
        ),
    ],
    ids=["pooling", "tokenizer", "weights", "cut off"],
)
def test_a_folder_that_is_not_whole_is_refused_with_the_way_out(tmp_path: Path, spoil: Spoil, words: str) -> None:
    folder = save_sentence_model(tmp_path / "model", "bert", [MEAN])
    spoil(folder)
    with pytest.raises(TeacherError, match=words):
        load_teacher(TeacherSettings(model=str(folder)))


def test_a_pickle_with_more_than_weights_is_not_opened(tmp_path: Path) -> None:
    folder = save_plain("bert", tmp_path / "model")
    (folder / WEIGHTS).unlink()
    torch.save({"weight": Touch(tmp_path / "code-ran")}, folder / "pytorch_model.bin")
    with pytest.raises(TeacherError, match=r"a pickle with more than weights in it.*get the model as \.safetensors"):
        load_teacher(TeacherSettings(model=str(folder)))
    assert not (tmp_path / "code-ran").exists()


class Touch:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize(("base", "words"), [("mine", "itself"), ("other", "one too")])
def test_an_adapter_of_the_hub_on_an_adapter_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str, words: str
) -> None:
    pytest.importorskip("peft", reason="peft is not installed")
    monkeypatch.setattr(TeacherFiles, "find_here", lambda files, name: in_folder(tmp_path / files.name, name))
    for name, below in (("mine", base), ("other", "whole")):
        (tmp_path / "cellcube" / name).mkdir(parents=True)
        adapter(f"cellcube/{below}")(tmp_path / "cellcube" / name)
    with pytest.raises(TeacherError, match=rf"^teacher 'cellcube/mine' is an adapter, and its base '.*' is {words};"):
        load_teacher(TeacherSettings(model="cellcube/mine"))


def in_folder(folder: Path, name: str) -> Path | None:
    return folder / name if (folder / name).is_file() else None
