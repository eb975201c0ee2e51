"""Names by which columns of texts, vectors, categories and identifiers are known, in lower case."""

from __future__ import annotations

import re
from collections.abc import Collection

NUMBERED = "column {}"
"""Names of the columns of a table without a header, counted from 1."""
NONE = "none"
"""Requested in place of a column: do without one."""
TEXT_NAMES = (
    "text", "sentence", "content", "definition", "question", "document", "body", "passage", "premise", "query",
    "abstract", "review", "description", "sentence1", "sentence_1", "anchor", "chunk", "page_content", "caption",
    "title", "patterns",
)  # fmt: skip
PAIR_NAMES = (
    ("question", "answer"), ("question", "answers"), ("question", "answers.text"), ("definition", "term"),
    ("term", "definition"), ("query", "positive"), ("query", "pos"), ("query", "positives"),
    ("query", "positive_passages.text"), ("query", "document"), ("query", "passage"), ("query", "answer"),
    ("anchor", "positive"), ("anchor", "positives"), ("anchor", "pos"), ("question", "positive"),
    ("question", "positive_ctxs.text"), ("sentence1", "sentence2"), ("sentence_1", "sentence_2"),
    ("sent1", "sent2"), ("premise", "hypothesis"), ("text_a", "text_b"), ("text1", "text2"), ("title", "abstract"),
    ("title", "text"), ("instruction", "output"), ("instruction", "response"), ("prompt", "completion"),
    ("input", "output"), ("source", "target"), ("sentence_a", "sentence_b"), ("question", "long_answer"),
    ("messages.user", "messages.assistant"), ("conversations.human", "conversations.gpt"),
    ("conversation.user", "conversation.assistant"), ("messages.human", "messages.gpt"),
)  # fmt: skip
NEGATIVE_NAMES = ("negative", "negatives", "neg", "hard_negative", "hard_negatives", "negative_passages.text")
VECTOR_NAMES = (
    "embedding", "embeddings", "emb", "embs", "vector", "vectors", "vec", "values", "features", "feature",
    "sentence_embedding", "representation", "encoding", "dense", "latent", "hidden_state",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "gold_label", "category", "categories", "class", "class_name", "label_text", "coarse_label",
    "group", "topic", "cluster", "genre", "sentiment", "lang", "language", "intent", "target", "type", "tag",
    "emotion", "polarity", "species",
)  # fmt: skip
ARRAY_LABEL_NAMES = (*LABEL_NAMES, "y", "ys")
"""The same for arrays, whose usual name is that of the answers in `X, y`."""
ANSWER_NAMES = ("y", "outcome", "quality", "diagnosis", "survived", "response", "result", "variety")
"""Columns of classes beside those of measurements that are to predict them; other tables use these names for others."""
ID_NAMES = (
    "name", "word", "token", "term", "custom_id", "id", "_id", "ids", "pk", "uuid", "guid", "key", "doc_id", "docid",
    "document_id", "itos", "vocab", "index_to_key",
    "article_id", "pmid", "doi", "url", "uri", "link", "filename", "file", "file_name", "path", "image_path", "index",
)  # fmt: skip
PLACE_NAMES = (
    "bbox", "bboxes", "box", "boxes", "bounding_box", "bounds", "extent", "coordinates", "coords", "coord", "location",
    "position", "point", "geo", "latlon", "lonlat", "segmentation", "keypoints", "polygon", "size", "image_size",
    "span", "offsets", "offset", "range", "color", "rgb",
)  # fmt: skip
"""Columns of a few numbers that tell a place or a size, and are no vectors."""
SCORE_NAMES = ("score", "scores", "similarity", "n_tokens", "split", "idx", "year", "date", "source")
SENTENCE_NAMES = frozenset((*TEXT_NAMES, *(name for pair in PAIR_NAMES for name in pair))) - {
    *LABEL_NAMES, *ID_NAMES, *SCORE_NAMES,
}  # fmt: skip
"""Names of columns of texts, alone or in pairs, that may be called nothing else."""
KNOWN_NAMES = frozenset(
    (*TEXT_NAMES, *(name for pair in PAIR_NAMES for name in pair), *NEGATIVE_NAMES, *VECTOR_NAMES, *LABEL_NAMES,
     *ID_NAMES, *SCORE_NAMES, "unnamed: 0", "text_embedding", "image_embedding"),
)  # fmt: skip
"""Words that the first line of a table shows to be its header."""

_VECTOR_WORD = re.compile(r"embed|vector|(?:^|[_\-. ])(?:emb|embs|vec|vecs)(?:$|[_\-. \d])")
_DIMENSION_PREFIX = re.compile(
    r"(?:.*(?:embed\w*|vector|emb|vec|dims?|dimension|feat|features?|component|latent|pc|pca)|[vxdfe])?[_\-. ]?"
)


def is_vector_name(name: str) -> bool:
    """Say whether a column is called as columns of vectors are."""
    lower = name.lower()
    return lower in VECTOR_NAMES or _VECTOR_WORD.search(lower) is not None


def is_dimension_prefix(prefix: str) -> bool:
    """Say whether columns of this name with a number behind it are called as the dimensions of a vector are."""
    return _DIMENSION_PREFIX.fullmatch(prefix.lower()) is not None


def sparse_columns(names: Collection[str]) -> set[str]:
    """Return the columns of sparse vectors: `indices` and `values` of one object."""
    held = set(names)
    parents = [name.removesuffix(".indices") for name in names if name.endswith(".indices")]
    return {f"{parent}.{part}" for parent in parents if f"{parent}.values" in held for part in ("indices", "values")}
