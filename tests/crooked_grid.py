"""Crooked grids of streets, drawn by hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

CORNER = np.array([190_000.0, 500_000.0])


def draw_grid(draw, rng, *, largest, kept):
    """Draw points about 70 m apart, and the streets between neighbours of which a share is kept."""
    side = draw(st.integers(2, largest))
    points = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * 70.0
    points += rng.normal(0, draw(st.sampled_from([0.0, 4.0, 15.0])), points.shape)
    i = np.arange(side * side)
    right, up = i[i % side < side - 1], i[:-side]
    segments = np.concatenate(
        [np.column_stack([right, right + 1]), np.column_stack([up, up + side])]
    )
    segments = segments[rng.random(len(segments)) < draw(st.sampled_from(kept))]
    assume(len(segments) > 1)
    return CORNER + points, segments
