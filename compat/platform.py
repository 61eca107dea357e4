"""What the tests know of the running platform."""

import os

URL = os.environ["PARLEY_URL"]
OPENAI = f"{URL}/v1"
KEY = os.environ["PARLEY_KEY"]
MODEL = "parley-demo"
