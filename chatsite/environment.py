"""Typed reading of environment variables; a bad value stops the start with the variable's name."""

import json
import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def text(name: str, default: str = "") -> str:
    """An empty variable counts as unset, as compose files pass unset ones on as empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool) -> bool:
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if value:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")
    return default


def whole(name: str, default: int, *, least: int, most: int = 2**31 - 1) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from None
    if not least <= number <= most:
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {number}")
    return number


def decimal(name: str, default: float, *, least: float, most: float) -> float:
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}") from None
    if not least <= number <= most:  # also refuses nan
        raise ImproperlyConfigured(f"{name} must be between {least} and {most}, not {value}")
    return number


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    value = text(name, default).upper()
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}")
    return value


def names(name: str, default: list[str]) -> list[str]:
    """A list, written with commas or as a JSON array of strings."""
    value = text(name)
    if not value:
        return default
    if not value.startswith("["):
        return [part.strip() for part in value.split(",") if part.strip()]
    try:
        items = json.loads(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not a valid JSON array: {value!r}") from None
    if not all(isinstance(item, str) for item in items):
        raise ImproperlyConfigured(f"{name} must hold strings only: {value!r}")
    return list(items)


def directory(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).expanduser().resolve()
