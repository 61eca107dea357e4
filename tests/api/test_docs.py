"""What the API says of itself: its OpenAPI documents, and the page made of them."""

import re
from typing import Any

import pytest
from django.test import Client

from chatsite.api import messages, platform, v1
from inference.api.documentation import operations

DOCUMENTS = pytest.mark.parametrize("api", [platform, v1, messages], ids=lambda api: api.title)

pytestmark = pytest.mark.django_db


def test_the_documents_are_served_to_everybody(client: Client) -> None:
    for path in ("/api/v1/openapi.json", "/v1/openapi.json", "/v1/messages/openapi.json"):
        response = client.get(path)

        assert response.status_code == 200
        assert response.json()["openapi"].startswith("3.")


@DOCUMENTS
def test_every_operation_is_described(api: Any) -> None:
    for _method, operation in operations(api.get_openapi_schema()):
        assert operation["summary"]
        assert operation["tags"], operation["summary"]


@DOCUMENTS
def test_every_error_has_a_schema_and_an_example(api: Any) -> None:
    schema = api.get_openapi_schema()
    for _method, operation in operations(schema):
        known = {status for status in operation["responses"] if status >= 400}
        assert {401, 403, 429, 503} <= known or "security" not in operation
        assert {400, 413} <= known or "requestBody" not in operation
        for status in known:
            [(media, content)] = operation["responses"][status]["content"].items()
            assert media == "application/json"
            assert content["schema"]["$ref"].rsplit("/", 1)[-1] in schema["components"]["schemas"]
            assert content["example"]["error"]


@DOCUMENTS
def test_every_reference_leads_somewhere(api: Any) -> None:
    schema = api.get_openapi_schema()
    named = set(re.findall(r"#/components/schemas/(\w+)", str(schema)))

    assert named <= set(schema["components"]["schemas"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/health"),
        ("get", "/models"),
        ("post", "/models/{id}/start"),
        ("post", "/models/{id}/stop"),
        ("post", "/tokenize"),
        ("post", "/generate"),
        ("post", "/generate/stream"),
        ("post", "/chat"),
        ("get", "/chat/stream/{client_id}"),
        ("post", "/chat/submit"),
        ("post", "/compare"),
        ("get", "/conversations"),
        ("get", "/jobs"),
    ],
)
def test_the_platform_offers(method: str, path: str) -> None:
    assert method in platform.get_openapi_schema()["paths"][f"/api/v1{path}"]


def test_the_page_shows_every_operation(client: Client) -> None:
    response = client.get("/api/v1/docs")
    page = response.content.decode()

    assert response.status_code == 200
    for api in (platform, v1, messages):
        for path, methods in api.get_openapi_schema()["paths"].items():
            assert page.count(f"<code>{path}</code>") >= len(methods)


def test_the_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()

    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+?(?:src|href)="([^"]+)"', page)
    assert loaded
    assert all(address.startswith("/") and address[1] != "/" for address in loaded)
    assert not re.search(r"<style|<script>| style=| on\w+=", page)
