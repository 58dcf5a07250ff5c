"""A region: who lives where, who takes how many, in which kind of home."""
