from collections.abc import Iterator
from functools import cache

import pytest
import redis
from django.conf import settings as django_settings
from django.core.management.color import no_style
from django.db import connection
from django.test import TransactionTestCase

from accounts.models import User
from inference.models import AIModel, AIProvider
from tests.platform import Platform


def pytest_configure() -> None:
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if connection.vendor == "sqlite":  # a file, as a database in memory belongs to one thread
        connection.settings_dict["TEST"]["NAME"] = str(django_settings.DATA_DIR / "test.sqlite3")
    django_settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    TransactionTestCase._fixture_teardown = empty_tables


WRITTEN_ONCE = {"auth_permission", "django_content_type"}


def empty_tables(_case: TransactionTestCase) -> None:
    """After a test with real transactions. Django's own way also writes all permissions anew, which
    takes ten times as long as this."""
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), written_tables()))


@cache
def written_tables() -> list[str]:
    return sorted(set(connection.introspection.django_table_names()) - WRITTEN_ONCE)


@pytest.fixture(scope="session")
def redis_connection() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(django_settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture(autouse=True)
def empty_redis(redis_connection: "redis.Redis") -> Iterator[None]:
    """Rate limits, token logs and channel layers of one test must not reach the next."""
    yield
    redis_connection.flushdb()


@pytest.fixture
def alice(db: None) -> User:
    """Owns things."""
    return User.objects.create_user("alice@example.org", "a long password")


@pytest.fixture
def bob(db: None) -> User:
    """A stranger to alice's things."""
    return User.objects.create_user("bob@example.org", "a long password")


@pytest.fixture
def charlie(db: None) -> User:
    """Staff with all rights."""
    return User.objects.create_superuser("charlie@example.org", "a long password")


@pytest.fixture
def model(db: None) -> AIModel:
    """A registered model; no worker serves it, and it names no conversations."""
    provider = AIProvider.objects.create(name="Local")
    return AIModel.objects.create(
        name="demo",
        display_name="Demo",
        provider=provider,
        path="demo.gguf",
        is_default=True,
        writes_titles=False,
    )


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The running platform; tests share it, each with accounts of its own."""
    platform = Platform()
    try:
        platform.start()
        platform.add_slow_model()
        yield platform
    finally:
        platform.stop()


@pytest.fixture(scope="session")
def base_url(platform: Platform) -> str:
    return platform.url
