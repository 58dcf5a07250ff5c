"""Loops that measure straight lines on the ground by the projection's fitted scale."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel

#: Degree of the polynomial in x and y; 4 holds for areas of several hundred kilometres.
DEGREE = 4


@kernel
def line_length(ax, ay, bx, by, coefficients, frame):
    """Measure a straight line (m) with the metric tensor at its middle."""
    dx, dy = bx - ax, by - ay
    u = ((ax + bx) / 2 - frame[0]) / frame[2]
    v = ((ay + by) / 2 - frame[1]) / frame[2]
    e = f = g = 0.0
    term = 0
    power_u = 1.0
    for i in range(DEGREE + 1):
        power = power_u
        for _ in range(DEGREE + 1 - i):
            e += coefficients[0, term] * power
            f += coefficients[1, term] * power
            g += coefficients[2, term] * power
            power *= v
            term += 1
        power_u *= u
    return np.sqrt(e * dx * dx + 2 * f * dx * dy + g * dy * dy)


@kernel
def measure_lines(start, end, coefficients, frame):
    """Measure every line (m)."""
    out = np.empty(start.shape[0])
    for k in range(start.shape[0]):
        out[k] = line_length(start[k, 0], start[k, 1], end[k, 0], end[k, 1], coefficients, frame)
    return out
