"""Measuring places in a town: one long table, and the metrics, each registered in one place."""

from geowoonzorg.measure._registry import Criterion, Metric, metric, metrics
from geowoonzorg.measure.measuring import measure, measure_reach, spread
from geowoonzorg.measure.reach import Reach

__all__ = [
    "Criterion",
    "Metric",
    "Reach",
    "measure",
    "measure_reach",
    "metric",
    "metrics",
    "spread",
]
