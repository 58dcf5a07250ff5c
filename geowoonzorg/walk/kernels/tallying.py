"""The loop that counts, place by place, how many origins of each zone are within reach."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel
from geowoonzorg.walk.kernels.search import doubled


@kernel
def tally(n_places, near_place, near_origin, sure_place, sure_origin, zone, n_zones, seen):
    """Count the origins near each place by zone, and those of them that are sure, each origin once.

    Both lists ascend by place, ``0 … n_places - 1``; ``zone`` is -1 for none, which counts as zone ``n_zones``.
    ``seen`` has an item per origin, all 0. Returns place, zone, how many are near and how many are sure.
    """
    count, sure = np.zeros(n_zones + 1, np.int64), np.zeros(n_zones + 1, np.int64)
    met = np.empty(n_zones + 1, np.int64)
    out_place, out_zone = np.empty(1024, np.int64), np.empty(1024, np.int64)
    out_near, out_sure = np.empty(1024, np.int64), np.empty(1024, np.int64)
    total = a = b = 0
    for i in range(n_places):
        n = 0
        while a < near_place.size and near_place[a] == i:
            o = near_origin[a]
            a += 1
            if seen[o] == i + 1:
                continue
            seen[o] = i + 1
            z = zone[o] if zone[o] >= 0 else n_zones
            if count[z] == 0:
                met[n] = z
                n += 1
            count[z] += 1
        while b < sure_place.size and sure_place[b] == i:
            o = sure_origin[b]
            b += 1
            if seen[o] == i + 1:  # near in both answers
                seen[o] = -(i + 1)
                sure[zone[o] if zone[o] >= 0 else n_zones] += 1
        while total + n > out_zone.size:
            out_place, out_zone = doubled(out_place), doubled(out_zone)
            out_near, out_sure = doubled(out_near), doubled(out_sure)
        for k in range(n):
            z = met[k]
            out_place[total], out_zone[total] = i, z
            out_near[total], out_sure[total] = count[z], sure[z]
            count[z] = sure[z] = 0
            total += 1
    return (
        out_place[:total].copy(), out_zone[:total].copy(), out_near[:total].copy(), out_sure[:total].copy(),
    )  # fmt: skip
