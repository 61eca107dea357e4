"""The one line that stands where an answer will be."""

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _

from inference import presence, queue
from inference.models import Generation


def line(generation: Generation) -> str:
    if generation.status != Generation.Status.QUEUED:
        return ""
    state = presence.model_state(generation.model_id)
    match state.state:
        case "loading":
            return _("Model is loading… %(percent)d %%") % {"percent": state.progress * 100}
        case "failed":
            return _("The model could not be loaded: %(error)s") % {"error": state.error}
        case "absent" if presence.workers():
            return _("Waiting for a worker to load the model…")
        case "absent":
            return _("Waiting for a worker to start…")
        case "ready":
            return _in_line(queue.position(generation))


def _in_line(position: int) -> str:
    if position == 0:
        return ""
    if position == 1:
        return _("Next in line")
    return _("%(position)s in line") % {"position": ordinal(position)}
