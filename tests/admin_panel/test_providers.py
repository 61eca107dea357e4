from collections.abc import Callable

import pytest
from django.test import Client

from inference.models import AIProvider

LIST = "/admin/inference/aiprovider/"
SECRET = "provider-secret-123"


@pytest.fixture
def provider(db: None) -> AIProvider:
    return AIProvider.objects.create(name="Remote", api_key=SECRET)


def save(admin: Client, provider: AIProvider, **changes: str) -> AIProvider:
    form = {"name": provider.name, "provider_type": "local", "is_active": "on"}
    response = admin.post(f"{LIST}{provider.pk}/change/", {**form, **changes})
    assert response.status_code == 302
    return AIProvider.objects.get(pk=provider.pk)


def test_a_key_goes_in(admin: Client) -> None:
    admin.post(f"{LIST}add/", {"name": "Remote", "provider_type": "local", "api_key": SECRET})

    assert AIProvider.objects.get().api_key == SECRET


def test_a_stored_key_never_comes_out(
    admin: Client, staff: Callable[..., Client], provider: AIProvider
) -> None:
    page = f"{LIST}{provider.pk}/change/"
    viewer = staff("inference.view_aiprovider")
    refused = {"name": "", "provider_type": "local", "api_key": SECRET}

    for response in (admin.get(page), admin.get(LIST), viewer.get(page), admin.post(page, refused)):
        assert response.status_code == 200
        assert SECRET not in response.content.decode()


def test_an_empty_field_keeps_the_key(admin: Client, provider: AIProvider) -> None:
    assert save(admin, provider, api_key="", name="Renamed").api_key == SECRET


def test_a_new_key_replaces_the_old(admin: Client, provider: AIProvider) -> None:
    assert save(admin, provider, api_key="another").api_key == "another"


def test_a_key_can_be_forgotten(admin: Client, provider: AIProvider) -> None:
    assert save(admin, provider, api_key="", forget_key="on").api_key == ""
