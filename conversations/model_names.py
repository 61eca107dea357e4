"""What the models of answers are called."""

from conversations.models import Message
from inference.models import AIModel


class ModelNames:
    """For people, of any number of messages. An answer that was brought here from elsewhere has
    the name of its model, which may be one that is here as well; each is looked up once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {"": ""}

    def of(self, message: Message) -> str:
        """Empty if it is not known."""
        if message.generation:
            return str(message.generation.model)
        name = message.model_name
        if name not in self._known:
            self._known[name] = str(AIModel.objects.filter(name=name).first() or name)
        return self._known[name]
