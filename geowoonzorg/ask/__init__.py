"""The questions: each a function of a town that gives an answer, and the one way from a study to it."""

from geowoonzorg.ask._registry import Question, question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.indicators import measure_sites
from geowoonzorg.ask.locating import locate
from geowoonzorg.ask.plausibility import check_plausibility
from geowoonzorg.ask.questions import questions
from geowoonzorg.ask.running import ask_study, run
from geowoonzorg.ask.sites import score_sites
from geowoonzorg.ask.writing import Outputs, check_output_folder

__all__ = [
    "Answer",
    "Outputs",
    "Question",
    "ask_study",
    "check_output_folder",
    "check_plausibility",
    "locate",
    "measure_sites",
    "question",
    "questions",
    "run",
    "score_sites",
]
