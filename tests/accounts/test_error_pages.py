import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

PAGES = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


@pytest.mark.parametrize("page", PAGES)
def test_it_needs_nothing_to_be_drawn(page: str) -> None:
    """Neither a request nor the database: what failed may be just that."""
    html = render_to_string(page)
    assert "<h1>" in html
    assert " style=" not in html


def test_an_unknown_address(client: Client, db: None) -> None:
    response = client.get("/accounts/nothing/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_a_failed_form_loses_nothing() -> None:
    html = render_to_string("403_csrf.html", request=RequestFactory().post("/"))
    assert "Nothing is lost" in html
