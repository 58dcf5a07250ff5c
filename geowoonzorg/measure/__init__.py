"""Measuring places in a town: one long table, and the metrics, each registered in one place."""

from geowoonzorg.measure.measuring import measure, measure_reach, measure_wide, spread
from geowoonzorg.measure.metrics import metrics
from geowoonzorg.measure.reach import Reach
from geowoonzorg.measure.registry import Criterion, Metric, metric

__all__ = [
    "Criterion",
    "Metric",
    "Reach",
    "measure",
    "measure_reach",
    "measure_wide",
    "metric",
    "metrics",
    "spread",
]
