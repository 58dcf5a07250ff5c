"""The best set, and proof that it is: places chosen and homes shared out under bounds, as whole-number programmes."""
