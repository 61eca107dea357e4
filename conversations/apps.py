from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "conversations"

    def ready(self) -> None:
        from conversations import actions, sessions
        from inference import lifecycle

        lifecycle.on_finish(actions.record_answer)
        sessions.watch()
