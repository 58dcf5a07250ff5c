"""geowoonzorg: where people who need care can live with what they need within walking distance."""
