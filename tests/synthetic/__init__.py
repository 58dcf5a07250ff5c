"""Towns, provinces and a country that do not exist, in the files that OSM, CBS, Leefbaarometer and RIVM publish."""
