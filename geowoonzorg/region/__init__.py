"""A region: who lives where, who needs what, who takes how many, in which kind of home, and what of it is known."""
