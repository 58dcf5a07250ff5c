"""The loop that goes through sets of places from the best down, and leaves branches that cannot be better."""

from __future__ import annotations

import numpy as np

from geowoonzorg._jit import kernel


@kernel
def branch(
    score, xy, group, most, apart_m, tile, order, seen, left, size, at, depth, taken, best, cut, ties, work
):  # fmt: skip
    """Go on where it was, for so much work; tell whether all is done, and what must be exceeded.

    Places stand by falling score; ``left[d]`` are those that may follow the ``d`` in ``taken``, ``at[d]`` the next of
    them. ``best`` gets the set that is worth more than ``cut``, which rises with it; where ``ties`` are asked it does
    not, and of all sets above it ``best`` gets the one whose positions (by ``order``) come first.
    """
    d, stamp = depth[0], depth[1]
    k, limit = taken.size, apart_m * apart_m
    mine, other_set = np.empty(k, np.int64), np.empty(k, np.int64)
    while work > 0:
        work -= 1
        if at[d] >= size[d]:
            if d == 0:
                depth[0], depth[1] = d, stamp
                return True, cut
            d -= 1
            continue
        have = 0.0
        for i in range(d):
            have += score[taken[i]]
        here, need = at[d], k - d
        place = left[d, here]
        at[d] += 1
        if have + need * score[place] <= cut:  # whatever follows is worth no more
            at[d] = size[d]
            continue
        if need == 1:
            taken[d] = place
            if not ties:
                cut = have + score[place]
                best[:] = taken
                at[d] = size[d]
                continue
            for i in range(k):
                mine[i], other_set[i] = order[taken[i]], order[best[i]]
            mine.sort()
            other_set.sort()
            for i in range(k):
                if mine[i] != other_set[i]:
                    if mine[i] < other_set[i]:
                        best[:] = taken
                    break
            continue
        # What is still to be taken cannot exceed the best of as many tiles, of which at most one place each is taken.
        short = False
        for tiling in range(tile.shape[0]):
            stamp += 1
            total, n = have, 0
            for j in range(here, size[d]):
                work -= 1
                one = tile[tiling, left[d, j]]
                if seen[one] != stamp:
                    seen[one] = stamp
                    total += score[left[d, j]]
                    n += 1
                    if n == need:
                        break
            if n < need or total <= cut:
                short = True
                break
        if short:
            at[d] = size[d]
            continue
        taken[d] = place
        same = 1
        for i in range(d):
            if group[taken[i]] == group[place]:
                same += 1
        full = group[place] >= 0 and same >= most
        n = 0
        for j in range(here + 1, size[d]):
            other = left[d, j]
            if full and group[other] == group[place]:
                continue
            x, y = xy[other, 0] - xy[place, 0], xy[other, 1] - xy[place, 1]
            if x * x + y * y >= limit:
                left[d + 1, n] = other
                n += 1
        work -= size[d] - here
        d += 1
        size[d], at[d] = n, 0
    depth[0], depth[1] = d, stamp
    return False, cut
