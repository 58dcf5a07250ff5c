"""What the package knows, as TOML files, and how their words are told in two languages."""

from geowoonzorg.knowledge._forms import NOT_NEGATIVE as NOT_NEGATIVE
from geowoonzorg.knowledge._forms import SHARE as SHARE
from geowoonzorg.knowledge._forms import Bound as Bound
from geowoonzorg.knowledge._languages import profile_hash as profile_hash
from geowoonzorg.knowledge._languages import said as said
from geowoonzorg.knowledge._reader import faults_error as faults_error
from geowoonzorg.knowledge._reader import find_faults as find_faults
from geowoonzorg.knowledge._reader import read_document as read_document
from geowoonzorg.knowledge._reader import write_document as write_document
