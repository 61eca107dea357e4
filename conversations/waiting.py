"""The one line that stands where an answer will be."""

import math

from django.contrib.humanize.templatetags.humanize import ordinal
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inference.line import Line, Place, aline_of, line_of
from inference.models import Generation


def line(generation: Generation) -> str:
    if generation.status != Generation.Status.QUEUED:
        return ""
    return _waits_for(line_of(generation), generation)


async def aline(generation: Generation) -> str:
    if generation.status != Generation.Status.QUEUED:
        return ""
    return _waits_for(await aline_of(generation), generation)


def _waits_for(seen: Line, generation: Generation) -> str:
    match seen.state.state:
        case "loading":
            return _("Model is loading… %(percent)d %%") % {"percent": seen.state.progress * 100}
        case "failed":
            return _("The model could not be loaded: %(error)s") % {"error": seen.state.error}
        case "stopping":
            return _("Waiting for the model to be loaded again…")
        case "absent" if seen.has_workers and not seen.has_file:
            return _("No worker has this model's file.")
        case "absent" if seen.has_workers:
            return _("Waiting for a worker to load the model…")
        case "absent":
            return _("Waiting for a worker to start…")
        case "ready":
            return _in_line(seen.place(generation))


def _in_line(place: Place) -> str:
    if place.position == 0:
        return ""
    if place.position == 1:
        where = _("Next in line")
    else:
        where = _("%(position)s in line") % {"position": ordinal(place.position)}
    if place.seconds is None:
        return where
    return _("%(where)s, about %(wait)s") % {"where": where, "wait": _rounded(place.seconds)}


def _rounded(seconds: float) -> str:
    """In steps of five seconds, and from a minute on in minutes: it is an estimate."""
    if seconds <= 55:
        return _("%(seconds)d s") % {"seconds": max(5, math.ceil(seconds / 5) * 5)}
    minutes = math.ceil(seconds / 60)
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
