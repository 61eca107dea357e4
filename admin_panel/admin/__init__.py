"""What staff see and do, one module per part of the platform."""

from admin_panel.admin import (
    comparisons,
    conversations,
    feedback,
    groups,
    inspections,
    keys,
    models,
    projects,
    prompts,
    providers,
    runs,
    sharing,
    usage,
    users,
)

__all__ = [
    "comparisons",
    "conversations",
    "feedback",
    "groups",
    "inspections",
    "keys",
    "models",
    "projects",
    "prompts",
    "providers",
    "runs",
    "sharing",
    "usage",
    "users",
]
