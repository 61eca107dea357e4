"""The pages' translations: `locale/` kept up with the source.

Developers' own: `python -m catalogs` (`make messages`). The platform itself only reads the .mo
files, so neither Babel nor GNU gettext is needed to run it."""
