"""Answers of a survey as counted: their shares, and where they do not add up to who answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from geowoonzorg.errors import InputError, MissingColumnError, first_ids
from geowoonzorg.files import parse_numbers, read_table
from geowoonzorg.messages import tell
from geowoonzorg.region.counts import read_counts
from geowoonzorg.region.names import plain_name

if TYPE_CHECKING:
    from pathlib import Path

    from geowoonzorg.messages import Message

COLUMNS: Final = ("question", "answer", "count", "respondents", "share", "printed_share", "source")
# What people call the columns of a table of answers.
_NAMES: Final = {
    "question": ("vraag", "question", "nr", "vraagnummer"),
    "answer": ("antwoord", "answer", "categorie"),
    "count": ("aantal", "count", "n"),
    "respondents": ("respondenten", "respondents", "totaal", "ingevuld"),
    "printed_share": ("percentage", "procent", "%", "aandeel"),
}
_NEAR: Final = 0.005 + 1e-9  # per cents are printed whole


def read_survey(path: Path) -> tuple[pd.DataFrame, list[Message]]:
    r"""Read the counted answers of a survey.

    Parameters
    ----------
    path
        A row per question and answer: ``vraag, antwoord, aantal``, and what it has of ``respondenten`` (how many
        answered the question) and ``percentage`` as printed.

    Returns
    -------
    answers : pandas.DataFrame
        ``question, answer, count, respondents`` (the sum of the counts where nobody told), ``share`` (0-1, of the
        respondents), ``printed_share`` (0-1, NaN without) and ``source``.
    notes : list of Message
        Questions whose answers do not add up to who answered, or whose printed shares are others or add up to more
        or less than 1: said, and not mended.

    Raises
    ------
    MissingColumnError
        When question, answer or count is missing.
    InputError
        When a question has several numbers of respondents, or a count is none.
    FormatError, SourceError
        As `geowoonzorg.files.read_table`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "survey.csv"
    ...     _ = file.write_text("vraag;antwoord;aantal;respondenten\n6;ja;34;59\n6;nee;16;59\n6;deels;8;59\n")
    ...     print(read_survey(file)[1][0])
    survey.csv: the answers to question 6 add up to 58 of 59 respondents
    """
    table = read_table(path, role="survey")
    plain = {plain_name(str(c)) or str(c): str(c) for c in reversed(list(table.columns))}
    found = {
        key: next((plain[n] for n in names if n in plain), None) for key, names in _NAMES.items()
    }
    lacking = [key for key in ("question", "answer", "count") if found[key] is None]
    if lacking:
        raise MissingColumnError(
            "{where}: answers need the columns vraag, antwoord and aantal; it has {columns}",
            where=str(path), columns=", ".join(map(str, table.columns[:10])),
        )  # fmt: skip
    at = tell("{where}, column {column}", where=str(path), column=found["count"])
    counts = read_counts(table[found["count"]], where=at, suppressed_high=0.0, whole=True)
    made = pd.DataFrame({
        "question": table[found["question"]].ffill().astype("str"),
        "answer": table[found["answer"]].astype("str"),
        "count": counts["value"],
        "source": [f"{path.name}, {line + 2}" for line in table.index],
    })  # fmt: skip
    made["respondents"] = _respondents(table, found["respondents"], made, str(path))
    made["share"] = made["count"] / made["respondents"]
    made["printed_share"] = _printed(table, found["printed_share"], str(path))
    notes = [
        note
        for name, of in made.groupby("question", sort=False)
        for note in _told(path, str(name), of)
    ]
    return made[list(COLUMNS)], notes


def _respondents(
    table: pd.DataFrame, column: str | None, made: pd.DataFrame, where: str
) -> pd.Series[float]:
    summed = made.groupby("question")["count"].transform("sum")
    if column is None:
        return summed
    at = tell("{where}, column {column}", where=where, column=column)
    told = parse_numbers(table[column], where=at, thousands=True)
    several = told.groupby(made["question"]).nunique()
    if (several > 1).any():
        raise InputError(
            "{where}: questions with several numbers of respondents: {names}; give one for each",
            where=where, names=first_ids(several.index[several > 1]),
        )  # fmt: skip
    return told.groupby(made["question"]).transform("max").fillna(summed)


def _printed(table: pd.DataFrame, column: str | None, where: str) -> pd.Series[float]:
    if column is None:
        return pd.Series(np.nan, index=table.index)
    at = tell("{where}, column {column}", where=where, column=column)
    cells = table[column].astype("str").str.strip().str.removesuffix("%").mask(table[column].isna())
    return parse_numbers(cells, where=at) / 100


def _told(path: Path, question: str, of: pd.DataFrame) -> list[Message]:
    """Say where a question does not add up."""
    told, n, asked = [], of["count"].sum(), of["respondents"].iloc[0]
    if n != asked:
        told.append(
            tell(
                "{where}: the answers to question {question} add up to {n:.0f} of {asked:.0f} respondents",
                where=path.name, question=question, n=n, asked=asked,
            )
        )  # fmt: skip
    other = of[(of["printed_share"] - of["share"]).abs() > _NEAR]
    if len(other):
        told.append(
            tell(
                "{where}: question {question} prints shares that its counts do not give: {answers}",
                where=path.name, question=question, answers=first_ids(other["answer"]),
            )
        )  # fmt: skip
    printed = of["printed_share"].sum()
    if of["printed_share"].notna().all() and abs(printed - 1) > _NEAR:
        told.append(
            tell(
                "{where}: the printed shares of question {question} add up to {printed:.0%}",
                where=path.name, question=question, printed=printed,
            )
        )  # fmt: skip
    return told
