"""From measures to a ranking: criteria, profiles, scores, and how firm the ranks are."""
