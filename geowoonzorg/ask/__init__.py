"""The questions: each a function of a town that gives an answer, and the one way from a study to it."""

from geowoonzorg.ask._registry import Question, question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.compare import compare
from geowoonzorg.ask.coverage import coverage
from geowoonzorg.ask.indicators import measure_sites
from geowoonzorg.ask.locating import locate
from geowoonzorg.ask.plausibility import check_plausibility
from geowoonzorg.ask.programme import programme
from geowoonzorg.ask.questions import questions
from geowoonzorg.ask.region import ask_region
from geowoonzorg.ask.running import ask_study, outputs_of, run
from geowoonzorg.ask.search import search
from geowoonzorg.ask.sites import score_sites
from geowoonzorg.ask.what_if import what_if
from geowoonzorg.ask.writing import Outputs, check_output_folder

__all__ = [
    "Answer",
    "Outputs",
    "Question",
    "ask_region",
    "ask_study",
    "check_output_folder",
    "check_plausibility",
    "compare",
    "coverage",
    "locate",
    "measure_sites",
    "outputs_of",
    "programme",
    "question",
    "questions",
    "run",
    "score_sites",
    "search",
    "what_if",
]
