from collections.abc import Iterator

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection

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


@pytest.fixture(autouse=True)
def empty_redis() -> Iterator[None]:
    """Rate limits, token logs and channel layers of one test must not reach the next."""
    yield
    redis.Redis.from_url(django_settings.REDIS_URL).flushdb()


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
    """A registered model; no worker serves it."""
    provider = AIProvider.objects.create(name="Local")
    return AIModel.objects.create(
        name="demo", display_name="Demo", provider=provider, path="demo.gguf", is_default=True
    )


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """The running platform; tests share it, each with accounts of its own."""
    platform = Platform()
    platform.start()
    platform.add_slow_model()
    yield platform
    platform.stop()


@pytest.fixture(scope="session")
def base_url(platform: Platform) -> str:
    return platform.url
