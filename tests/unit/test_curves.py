"""The curve of a criterion: its anchors in words, and every site where its own measure and value put it."""

from __future__ import annotations

import numpy as np
import pytest
from make_result import make_findings

from geowoonzorg.show.account import make_account
from geowoonzorg.show.curves import HEIGHT, WIDTH
from geowoonzorg.show.texts import read_texts


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_site_lies_on_the_curve(lang):
    findings = make_findings(n_sites=20)
    account = make_account(findings, texts=read_texts(lang))
    assert len(account.curves) == len(findings.profile.criteria)
    drawn = 0
    for curve, criterion in zip(account.curves, findings.profile.criteria, strict=True):
        assert curve.words.count(": ") >= len(criterion.anchors or criterion.levels)
        if not criterion.anchors:
            assert (curve.line, curve.dots) == ("", ())
            continue
        x, y = np.array([point.split(",") for point in curve.line.split()], dtype=float).T
        assert (np.diff(x) >= 0).all()
        assert (x[0], x[-1]) == (0, WIDTH)
        assert ((y >= 0) & (y <= HEIGHT)).all()
        for at, up in curve.dots:
            assert np.interp(at, x, y) == pytest.approx(up, abs=1.0), curve.label
            drawn += 1
    assert drawn > 100
