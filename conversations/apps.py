from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from conversations import recording, sessions
        from conversations.comparisons.actions import record
        from conversations.inspection import actions as inspection
        from conversations.models.comparison import NAMELESS
        from conversations.organising import titles
        from conversations.search import index
        from inference import blinding, lifecycle

        lifecycle.on_finish(recording.record_answer)
        lifecycle.on_finish(inspection.record)
        lifecycle.on_finish(titles.on_finish)
        lifecycle.on_finish(record)
        blinding.hide_models_of(NAMELESS)
        sessions.watch()
        index.watch(self)
