"""The offer to save before a run is left: when it is made, and what follows each answer."""

from types import SimpleNamespace

import pytest
from PyQt6.QtWidgets import QLabel, QWidget

from app.actions.dialogs import QuestionDialog
from app.actions.save_prompt import SavePrompt


class Run:
    """A run that has something to lose, or not."""

    def __init__(self, unsaved_steps, state="paused"):
        self.unsaved_steps, self.state = unsaved_steps, state


@pytest.fixture
def offer(qtbot):
    """Return a function that offers to save, and what came of it."""
    parent, heard = QWidget(), []
    qtbot.addWidget(parent)

    def make(steps=1, *, asks=True, saves=True, state="paused"):
        def save(then=None, stay=None):
            heard.append("save")
            (then if saves else stay)()

        prompt = SavePrompt(Run(steps, state), save, parent, asks=asks)
        prompt.offer("It ends.", lambda: heard.append("then"), lambda: heard.append("stay"))
        return parent.findChild(QuestionDialog), heard

    return make


@pytest.mark.parametrize("quiet", [{"steps": 0}, {"asks": False}])
def test_nothing_is_asked_without_need_or_permission(offer, quiet):
    question, heard = offer(**quiet)
    assert question is None
    assert heard == ["then"]


@pytest.mark.parametrize(
    ("answer", "saves", "follows"),
    [
        ("Save", True, ["save", "then"]),
        ("Save", False, ["save", "stay"]),
        ("Don't save", True, ["then"]),
        ("Cancel", True, ["stay"]),
    ],
)
def test_each_answer_has_its_consequence(offer, answer, saves, follows):
    question, heard = offer(saves=saves)
    assert heard == []
    question.buttons[answer].click()
    assert heard == follows


def test_the_question_says_what_does_not_fit_of_the_weights_that_another_run_begins_with(qtbot):
    class Opens(Run):
        summary = object()

        def prepare(self, _request, ask, _failed):
            ask(SimpleNamespace(started_from=SimpleNamespace(shortfall=lambda: "3 of 5 do not fit.")))
            return 1

    parent = QWidget()
    qtbot.addWidget(parent)
    prompt = SavePrompt(Opens(2), lambda *_: None, parent)
    prompt.open_instead(None, "It ends.", lambda _: None, lambda _: None)
    question = parent.findChild(QuestionDialog)
    words = " ".join(label.text() for label in question.findChildren(QLabel))
    assert "It ends. 3 of 5 do not fit. Save it first?" in words


def test_a_question_that_is_open_when_nothing_may_be_asked_any_more_closes_as_cancelled(qtbot):
    parent, heard = QWidget(), []
    qtbot.addWidget(parent)
    prompt = SavePrompt(Run(1), lambda *_: heard.append("save"), parent)
    prompt.offer("It ends.", lambda: heard.append("then"), lambda: heard.append("stay"))
    prompt.offer("Another is opened.", lambda: heard.append("then"), lambda: heard.append("stay"))
    questions = parent.findChildren(QuestionDialog)
    assert len(questions) == 2
    prompt.silence()
    assert not any(question.isVisible() for question in questions)
    prompt.silence()
    prompt.offer("It ends.", lambda: heard.append("then"))
    assert heard == ["stay", "stay", "then"]


@pytest.mark.parametrize(
    ("steps", "words"), [(1, "There is 1 training step"), (2000, "There are 2,000 training steps")]
)
def test_it_says_what_would_be_lost(offer, steps, words):
    question, _heard = offer(steps)
    assert question.findChild(QLabel).text() == f"It ends. Save it first? {words} not saved."


def test_it_says_that_a_run_that_goes_on_will_have_more(offer):
    question, _heard = offer(2, state="training")
    assert question.findChild(QLabel).text().endswith("There are 2 training steps not saved, and more by now.")
