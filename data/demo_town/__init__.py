"""The fictional gemeente Wierhaven: its plan, its streets, its houses and its figures."""
