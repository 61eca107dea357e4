"""Names of files with states. A name is the id of the state's run, a random number, and a suffix,
with dots between them."""

SUFFIX = ".state"
UNFINISHED = ".part"
