"""The region: who lives where, who needs what, who takes how many, and what of it is known."""
