"""Answers of one study put together: its sites, and what else it asks, in one folder."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from geowoonzorg.ask.writing import Outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geowoonzorg.ask.answer import Answer
    from geowoonzorg.findings import Findings

_PAGE = "map.html"
#: Of a study without sites: only what its further questions write.
NOTHING = Outputs(layers={}, tables={}, pages=False)


def outputs_together(first: Outputs, others: Mapping[str, Outputs]) -> Outputs:
    """Say which files several answers are written as in one folder.

    Parameters
    ----------
    first
        Of the question that names the folder.
    others
        Per further question; their map is called after the question, and their tables carry its name.

    Returns
    -------
    Outputs
        Without what makes the further pages, which `answers_together` gives.

    Raises
    ------
    ValueError
        When two would write the same file.

    Examples
    --------
    >>> from geowoonzorg.ask.writing import Outputs
    >>> search = Outputs({"spots.gpkg": ("spots",)}, {}, pages=False)
    >>> outputs_together(Outputs({}, {"scores.csv": "sites"}), {"search": search}).layers
    {'spots.gpkg': ('search/spots',)}
    """
    layers, tables = dict(first.layers), dict(first.tables)
    grids, records, documents = dict(first.grids), dict(first.records), dict(first.documents)
    for question, one in others.items():
        said = [
            *one.layers, *one.tables, *one.grids, *one.records,
            *(_page(question, name) for name in one.documents),
        ]  # fmt: skip
        if twice := sorted({*said} & {*layers, *tables, *grids, *records, *documents}):
            msg = f"{question} writes what another question does: {', '.join(twice)}"
            raise ValueError(msg)
        layers |= {
            file: tuple(f"{question}/{name}" for name in names)
            for file, names in one.layers.items()
        }
        for mine, theirs in ((tables, one.tables), (grids, one.grids), (records, one.records)):
            mine |= {file: f"{question}/{name}" for file, name in theirs.items()}
        documents |= {_page(question, name): make for name, make in one.documents.items()}
    return replace(
        first, layers=layers, tables=tables, grids=grids, records=records, documents=documents
    )


def answers_together(first: Answer, others: Mapping[str, Answer]) -> Answer:
    """Put the answers to further questions beside a first one.

    Parameters
    ----------
    first
        Whose map and report the folder has.
    others
        Per question its answer.

    Returns
    -------
    Answer
        The first, with the tables, grids and records of the others under ``question/name``.

    Raises
    ------
    ValueError
        As `outputs_together`.

    Examples
    --------
    >>> from geowoonzorg.ask import run
    >>> from geowoonzorg.town.reading import demo_study
    >>> answer = run(demo_study())
    >>> answers_together(answer, {}).tables.keys() == answer.tables.keys()
    True
    """
    if not others:
        return first
    outputs = outputs_together(first.outputs, {name: one.outputs for name, one in others.items()})
    documents: dict[str, Callable[[Findings, str], bytes]] = dict(first.outputs.documents)
    for question, one in others.items():
        for name, make in one.outputs.documents.items():
            documents[_page(question, name)] = partial(_made_of, one, make)

    def named(kind: str) -> dict[str, Any]:
        mine = dict(getattr(first, kind))
        for question, one in others.items():
            mine |= {f"{question}/{name}": content for name, content in getattr(one, kind).items()}
        return mine

    return replace(
        first,
        outputs=replace(outputs, documents=documents),
        tables=named("tables"),
        grids=named("grids"),
        records=named("records"),
        notes=tuple(
            dict.fromkeys([*first.notes, *(n for one in others.values() for n in one.notes)])
        ),
        summary=(*first.summary, *(line for one in others.values() for line in ("", *one.summary))),
        inputs=tuple(
            dict.fromkeys([*first.inputs, *(i for one in others.values() for i in one.inputs)])
        ),
        provenance={
            **first.provenance,
            "questions": {question: dict(one.provenance) for question, one in others.items()},
        },
    )


def nothing_beside(answer: Answer) -> Answer:
    """Give what a study without sites has to say of sites: nothing, of the same town.

    Parameters
    ----------
    answer
        To one of its further questions.

    Returns
    -------
    Answer
        Without tables, to put the others beside.

    Examples
    --------
    >>> from geowoonzorg.ask import run
    >>> from geowoonzorg.town.reading import demo_study
    >>> nothing_beside(run(demo_study())).tables
    {}
    """
    return replace(
        answer, question="sites", tables={}, grids={}, records={}, outputs=NOTHING, summary=()
    )


def _page(question: str, name: str) -> str:
    return f"{question}.html" if name == _PAGE else name


def _made_of(
    answer: Answer, make: Callable[[Findings, str], bytes], _: Findings, lang: str
) -> bytes:
    """Make a page of its own answer, whatever else is in the folder."""
    return make(answer.in_one_crs(), lang)
