"""Background jobs, for staff: downloads of models."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from accounts.models import User
from inference import downloads
from inference.downloads import DownloadState, download_states
from inference.models import AIModel
from tests.api.conftest import bearer

URL = "/api/v1/jobs"
WANTED = {"repo": "owner/repo", "filename": "model.gguf"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(charlie: User) -> Client:
    return Client(headers={"authorization": bearer(charlie)})


def start(api: Client, **fields: Any) -> Any:
    return api.post(URL, WANTED | fields, "application/json")


def test_a_started_download_can_be_followed(staff: Client) -> None:
    response = start(staff)
    job = response.json()

    assert response.status_code == 202
    assert (job["job_type"], job["status"], job["progress"]) == ("download", "waiting", 0.0)
    assert (job["repo"], job["filename"], job["model_id"]) == ("owner/repo", "model.gguf", "model")
    assert staff.get(f"{URL}/{job['job_id']}").json() == job
    assert staff.get(URL).json() == {"jobs": [job]}


def test_its_progress_is_told(staff: Client) -> None:
    job = start(staff).json()
    downloads._report(DownloadState("owner/repo", "model.gguf", "model", "running", 25, 100))

    told = staff.get(f"{URL}/{job['job_id']}").json()

    assert (told["status"], told["progress"]) == ("running", 0.25)
    assert (told["bytes_there"], told["bytes_total"]) == (25, 100)


def test_a_failed_one_can_be_tried_again(staff: Client) -> None:
    job = start(staff, model_id="mine").json()
    downloads._report(DownloadState("owner/repo", "model.gguf", "mine", "failed", error="No."))
    address = f"{URL}/{job['job_id']}"
    assert staff.get(address).json()["error"] == "No."

    response = staff.post(f"{address}/retry")

    assert response.status_code == 202
    assert (response.json()["status"], response.json()["model_id"]) == ("waiting", "mine")


def test_a_name_that_another_model_has_is_refused(staff: Client, model: AIModel) -> None:
    response = start(staff, model_id="demo")

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert download_states() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"filename": "model.bin"}, "GGUF"),
        ({"filename": "../model.gguf"}, "name"),
        ({"repo": ""}, "repo"),
        ({"model_id": "a b"}, "model_id"),
        ({"job_type": "other"}, "job_type"),
        ({"more": 1}, "more"),
    ],
)
def test_bad_input_is_named(change: dict[str, Any], named: str, staff: Client) -> None:
    response = start(staff, **change)

    assert response.status_code == 400
    assert named in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", URL),
        ("post", URL),
        ("get", f"{URL}/{UUID(int=0)}"),
        ("post", f"{URL}/{UUID(int=0)}/retry"),
    ],
)
def test_it_is_only_for_staff(method: str, address: str, api: Client, client: Client) -> None:
    body = {"data": WANTED, "content_type": "application/json"} if address == URL else {}
    if method == "get":
        body = {}

    assert getattr(api, method)(address, **body).status_code == 403
    assert getattr(client, method)(address, **body).status_code == 401


@pytest.mark.parametrize("id", [UUID(int=1), UUID(int=0), "none"])
def test_a_job_that_is_not_there_is_404(id: Any, staff: Client) -> None:
    assert staff.get(f"{URL}/{id}").status_code == 404
