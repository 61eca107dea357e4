"""The platform's settings, and the probe."""

from chatsite.settings import *  # noqa: F403
from chatsite.settings import INSTALLED_APPS as PLATFORM_APPS

INSTALLED_APPS = [*PLATFORM_APPS, "bench.probe.Probe"]
