"""Takes the strings of the source into each language's .po, and compiles it: `make messages`."""

import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from catalogs import extraction, languages

    template = extraction.template()
    for locale in languages.locales():
        catalog = languages.read(locale)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        languages.write(catalog, locale)
        missing = languages.untranslated(catalog)
        sys.stdout.write(f"{locale}: {len(catalog) - len(missing)} of {len(catalog)} translated\n")
        sys.stdout.writelines(f"  {text!r}\n" for text in missing)


if __name__ == "__main__":
    main()
