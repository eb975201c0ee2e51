"""Questions with their answers in the levels of SQuAD: articles, their paragraphs, and the questions to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def questions_of(whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one record a question: `question`, `answers` (a list of texts), `context`, `title` and `id`.

    Args:
        whole: a JSON object; one that is not of this kind yields nothing.
    """
    articles = whole.get("data")
    for article in articles if isinstance(articles, list) else []:
        paragraphs = article.get("paragraphs") if isinstance(article, Mapping) else None
        for paragraph in paragraphs if isinstance(paragraphs, list) else []:
            questions = paragraph.get("qas") if isinstance(paragraph, Mapping) else None
            for asked in questions if isinstance(questions, list) else []:
                if isinstance(asked, Mapping) and isinstance(asked.get("question"), str):
                    yield {
                        "question": asked["question"],
                        "answers": _texts(asked.get("answers")),
                        "context": paragraph.get("context"),
                        "title": article.get("title"),
                        "id": asked.get("id"),
                    }


def _texts(answers: Any) -> list[str]:
    """Return each answer once, in their order; several people may have given the same one."""
    found = [part.get("text") for part in answers if isinstance(part, Mapping)] if isinstance(answers, list) else []
    return list(dict.fromkeys(text for text in found if isinstance(text, str) and text.strip()))
