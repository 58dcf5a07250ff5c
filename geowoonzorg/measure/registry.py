"""The metrics: each is registered where it is written, by the name that criteria use; nothing else lists them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from geowoonzorg.errors import StudyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from geowoonzorg.measure._measured import Measured
    from geowoonzorg.measure.reach import Reach


class Criterion(Protocol):
    """What is measured: a name, the metric, and what the metric needs to know."""

    @property
    def key(self) -> str:
        """The name of the outcome."""

    @property
    def metric(self) -> str:
        """The name of a registered metric."""

    @property
    def facility_class(self) -> str | None:
        """Of ``distance``."""

    @property
    def facility_classes(self) -> tuple[str, ...]:
        """Of what the ways there meet."""

    @property
    def measured(self) -> str | None:
        """Of ``distance``: ``straight``, or along the streets."""

    @property
    def column(self) -> str | None:
        """Of ``area_mean`` and ``site``."""

    @property
    def raster(self) -> str | None:
        """Of ``raster``."""

    @property
    def kind(self) -> str | None:
        """Of ``raster``: how cells are averaged."""

    @property
    def over(self) -> str | None:
        """Of ``raster``: ``site`` or ``catchment``; None for what the raster says."""

    @property
    def anchors(self) -> tuple[tuple[float, float], ...]:
        """Pairs (measure, value), the measure rising: the scale on which a part that is unknown may lie."""

    @property
    def levels(self) -> tuple[tuple[str, float], ...]:
        """Not empty where the outcome is a word."""


@dataclass(frozen=True)
class Metric:
    """A way to measure places.

    Attributes
    ----------
    name
        What criteria call it.
    needs
        The fields of a criterion that it needs, besides ``key`` and ``metric``.
    measure
        Takes what can be reached from the places and all criteria of this metric, and gives what each
        comes to, in their order.
    takes
        The fields that it can do something with, but does without.
    """

    name: str
    needs: frozenset[str]
    measure: Callable[[Reach, Sequence[Criterion]], Iterator[Measured]]
    takes: frozenset[str] = frozenset()


REGISTERED: Final[dict[str, Metric]] = {}


def metric(
    name: str, *, needs: Sequence[str] = (), takes: Sequence[str] = ()
) -> Callable[[Callable[[Reach, Sequence[Criterion]], Iterator[Measured]]], Metric]:
    """Register a metric: a decorator.

    Parameters
    ----------
    name
        What criteria call it.
    needs
        The fields of a criterion that it needs.
    takes
        The fields that it can do something with, but does without.

    Returns
    -------
    callable
        Takes the function that measures and gives the metric.

    Raises
    ------
    StudyError
        When the name is taken.

    Examples
    --------
    >>> metric("distance")
    <function metric.<locals>.register at ...>
    """

    def register(
        measure: Callable[[Reach, Sequence[Criterion]], Iterator[Measured]],
    ) -> Metric:
        if name in REGISTERED:
            raise StudyError("the metric {name} is registered twice", name=name)
        REGISTERED[name] = Metric(name, frozenset(needs), measure, frozenset(takes))
        return REGISTERED[name]

    return register
