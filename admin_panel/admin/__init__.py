"""What staff see and do, one module per part of the platform."""

from admin_panel.admin import (
    conversations,
    groups,
    keys,
    models,
    providers,
    runs,
    usage,
    users,
)

__all__ = ["conversations", "groups", "keys", "models", "providers", "runs", "usage", "users"]
