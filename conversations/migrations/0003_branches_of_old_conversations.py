from django.db import migrations

PARENTS = """
UPDATE conversations_message SET parent_id = (
    SELECT MAX(earlier.id) FROM conversations_message AS earlier
    WHERE earlier.conversation_id = conversations_message.conversation_id
    AND earlier.id < conversations_message.id
)
"""
LEAVES = """
UPDATE conversations_conversation SET leaf_id = (
    SELECT MAX(id) FROM conversations_message
    WHERE conversation_id = conversations_conversation.id
)
"""
AUTHORS = """
UPDATE conversations_message SET author_id = (
    SELECT user_id FROM conversations_conversation
    WHERE conversations_conversation.id = conversations_message.conversation_id
)
"""


class Migration(migrations.Migration):
    """So far, each message followed the one before."""

    dependencies = [("conversations", "0002_trees_projects_prompts")]

    operations = [
        migrations.RunSQL(statement, migrations.RunSQL.noop)
        for statement in (PARENTS, LEAVES, AUTHORS)
    ]
