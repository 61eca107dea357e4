"""Models that can answer, runs of them, and the account of every run."""

from inference.models.catalogue import AIModel, AIModelQuerySet, AIProvider, AIType
from inference.models.run import Generation, RunImage
from inference.models.usage import UsageLog

__all__ = [
    "AIModel",
    "AIModelQuerySet",
    "AIProvider",
    "AIType",
    "Generation",
    "RunImage",
    "UsageLog",
]
