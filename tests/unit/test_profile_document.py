"""A profile can be written down and read again: that is how weights that were moved become a profile."""

import pytest

from geowoonzorg.ranking.inheriting import scoring_profile_names
from geowoonzorg.ranking.scoring_profile import (
    parse_scoring_profile,
    read_scoring_profile,
)


@pytest.mark.parametrize("name", scoring_profile_names())
def test_a_profile_survives_its_own_document(name):
    profile = read_scoring_profile(name)
    again = parse_scoring_profile(profile.document())
    assert again == profile
    assert again.hash == profile.hash


def test_a_document_holds_no_keys_that_a_criterion_does_not_have():
    for table in read_scoring_profile("geclusterd").document()["criterion"]:
        assert None not in table.values()
        assert ("anchors" in table) != ("levels" in table)
