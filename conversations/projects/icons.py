"""The icons that a project can have: names of Lucide's."""

from django.utils.translation import gettext_lazy as _

DEFAULT = "folder"
ICONS = (
    (DEFAULT, _("Folder")),
    ("briefcase", _("Briefcase")),
    ("book-open", _("Book")),
    ("graduation-cap", _("Graduation cap")),
    ("code", _("Code")),
    ("flask-conical", _("Flask")),
    ("lightbulb", _("Light bulb")),
    ("pen-line", _("Pen")),
    ("palette", _("Palette")),
    ("music", _("Music")),
    ("languages", _("Languages")),
    ("scale", _("Scales")),
    ("chart-line", _("Chart")),
    ("heart", _("Heart")),
    ("house", _("House")),
    ("plane", _("Plane")),
)
NAMES = tuple(name for name, _label in ICONS)
