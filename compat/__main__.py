"""Start a platform, and have others' libraries use it.

python -m compat PYTHON               all; PYTHON is that of the environment which has them
python -m compat PYTHON -k litellm    some; the rest are arguments of pytest
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.platform import Platform

TESTS = Path(__file__).parent
SETTINGS = {"HF_ENDPOINT": "http://127.0.0.1:9"}
"""Nobody is there: what is made up to be downloaded is not looked for."""


def main(python: str, *arguments: str) -> int:
    platform = Platform(settings=SETTINGS)
    platform.start()
    try:
        known = {"PARLEY_URL": platform.url, "PARLEY_KEY": platform.api_key}
        known["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or it fetches one from another host
        return subprocess.run(
            [python, "-m", "pytest", str(TESTS), *arguments], env=os.environ | known, check=False
        ).returncode
    finally:
        platform.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
