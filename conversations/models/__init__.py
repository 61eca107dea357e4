"""Conversations and what surrounds them."""

from conversations.models.comparison import ComparedAnswer, Comparison
from conversations.models.conversation import (
    Conversation,
    Draft,
    Feedback,
    Message,
    SharedLink,
    Tag,
)
from conversations.models.inspection import Inspection
from conversations.models.project import (
    Project,
    ProjectMember,
    SystemPrompt,
    SystemPromptVersion,
)

__all__ = [
    "ComparedAnswer",
    "Comparison",
    "Conversation",
    "Draft",
    "Feedback",
    "Inspection",
    "Message",
    "Project",
    "ProjectMember",
    "SharedLink",
    "SystemPrompt",
    "SystemPromptVersion",
    "Tag",
]
