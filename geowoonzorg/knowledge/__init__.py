"""What the package knows, as TOML files, and how their words are told in two languages."""

from geowoonzorg.knowledge._languages import profile_hash as profile_hash
from geowoonzorg.knowledge._languages import said as said
