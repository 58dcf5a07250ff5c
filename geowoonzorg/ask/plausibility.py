"""Can these walks be right? Walking distances held against the car-road averages of CBS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geowoonzorg.ask._asked import asked_of
from geowoonzorg.ask._registry import question
from geowoonzorg.ask.answer import Answer
from geowoonzorg.ask.provenance import account_for
from geowoonzorg.ask.writing import Outputs
from geowoonzorg.errors import InputError
from geowoonzorg.opendata.plausibility import compare_with_cbs, summarise
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from geowoonzorg.town import Town

OUTPUTS = Outputs(layers={}, tables={"plausibility.csv": "plausibility"}, pages=False)


@question("plausibility", OUTPUTS, output=".csv")
def check_plausibility(town: Town, *, progress: Progress = silent) -> Answer:
    """Hold walks against the car-road averages of CBS.

    Parameters
    ----------
    town
        Whose addresses walk; its areas need the CBS distances.
    progress
        Hears how far the work is.

    Returns
    -------
    Answer
        Table ``plausibility`` as `compare_with_cbs`: one row per area and class, with a flag where they
        disagree beyond what walking can explain.

    Raises
    ------
    InputError
        When the town has no areas or no addresses.
    Cancelled
        When ``progress`` asks to stop.

    Examples
    --------
    >>> from geowoonzorg.town import Town
    >>> check_plausibility(Town.demo()).plausibility["flag"].isin(["ok", "unknown"]).any()
    np.True_
    """
    if town.figures is None:
        raise InputError(
            "plausibility: the study has no [areas], so there are no CBS distances to compare with"
        )
    walks = town.nearest(progress=progress)
    table = compare_with_cbs(town.figures.areas, walks.reset_index(drop=True), town.home)
    return Answer(
        question="plausibility",
        asked=asked_of(town),
        tables={"plausibility": table},
        notes=tuple(summarise(table)),
        summary=tuple(summarise(table)),
        provenance=account_for(town),
        outputs=OUTPUTS,
        inputs=tuple(one.path for one in town.sources if one.path is not None),
    )
