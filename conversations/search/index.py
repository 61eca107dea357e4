"""Which words are where: kept by the database itself, so that nothing that writes has to know."""

from types import ModuleType
from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from conversations.search import postgresql, sqlite

_BY_VENDOR: dict[str, ModuleType] = {"sqlite": sqlite, "postgresql": postgresql}


def of(connection: BaseDatabaseWrapper) -> ModuleType:
    return _BY_VENDOR[connection.vendor]


def watch(app: AppConfig) -> None:
    """Set up as the tables are, and out of the way while they change."""
    connection_created.connect(_prepare, dispatch_uid="conversations.search")
    pre_migrate.connect(_remove, sender=app, dispatch_uid="conversations.search")
    post_migrate.connect(_install, sender=app, dispatch_uid="conversations.search")


def _prepare(connection: BaseDatabaseWrapper, **_: Any) -> None:
    of(connection).prepare(connection)


def _remove(using: str, plan: Any = (), **_: Any) -> None:
    if any(migration.app_label == "conversations" for migration, _backwards in plan):
        of(connections[using]).remove(connections[using])


def _install(using: str, **_: Any) -> None:
    connection = connections[using]
    if "conversations_message" in connection.introspection.table_names():
        of(connection).install(connection)
