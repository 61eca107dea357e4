"""What goes on in the background, for staff: downloads of models."""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from django.http import Http404
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from inference.api.catalogue import staff_only
from inference.api.documentation import errors
from inference.api.errors import Problem
from inference.downloads import DownloadState, State, download_states, model_name, start_download
from inference.hub import HubError, destination
from inference.models import AIModel
from inference.registry import LONGEST_NAME, stored_path

NAMESPACE = UUID("5d1f7d5e-6a3c-4f0e-9a55-0c6f4b3c7a11")
"""Made up, for ids of jobs that are the same in every process."""

router = Router(tags=["jobs"], auth=requires("manage"))


class Job(Schema):
    job_id: UUID
    job_type: Literal["download"]
    status: State
    progress: float = Field(description="From 0 to 1.")
    repo: str
    filename: str
    model_id: str = Field(description="Of the model that it will be.")
    bytes_there: int
    bytes_total: int = Field(description="0 while unknown.")
    error: str = Field(description="Of a failed one, or why a waiting one waits.")
    updated_at: datetime


class Jobs(Schema):
    jobs: list[Job]


class DownloadRequest(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    job_type: Literal["download"] = "download"
    repo: str = Field(min_length=1, max_length=200, examples=["Qwen/Qwen2.5-0.5B-Instruct-GGUF"])
    filename: str = Field(
        min_length=1, max_length=300, examples=["qwen2.5-0.5b-instruct-q5_k_m.gguf"]
    )
    model_id: str = Field(
        "",
        max_length=LONGEST_NAME,
        pattern=r"^[-a-zA-Z0-9_]*$",
        description="The id that programs will use. Empty: made from the file's name.",
    )


@router.get("/jobs", response=Jobs, summary="List background jobs")
def list_jobs(request: AuthenticatedRequest) -> dict[str, Any]:
    """Of the last days, the latest news first. Only for staff."""
    staff_only(request)
    return {"jobs": [_job(state) for state in download_states()]}


@router.get("/jobs/{uuid:job_id}", response=Job, summary="Read a background job")
def read_job(request: AuthenticatedRequest, job_id: UUID) -> dict[str, Any]:
    """Only for staff."""
    staff_only(request)
    return _job(_find(job_id))


@router.post("/jobs", response={202: Job, **errors(409)}, summary="Download a model")
def start_job(request: AuthenticatedRequest, body: DownloadRequest) -> Status[dict[str, Any]]:
    """Have a worker fetch a GGUF file from the hub and add it as a model. What is there of it
    already is not fetched again; a download that is under way is joined. Only for staff."""
    staff_only(request)
    return Status(202, _start(body.repo, body.filename, body.model_id))


@router.post(
    "/jobs/{uuid:job_id}/retry",
    response={202: Job, **errors(409)},
    summary="Try a background job again",
)
def retry_job(request: AuthenticatedRequest, job_id: UUID) -> Status[dict[str, Any]]:
    """It goes on where it was. Only for staff."""
    staff_only(request)
    state = _find(job_id)
    return Status(202, _start(state.repo, state.filename, state.name))


def _start(repo: str, filename: str, name: str) -> dict[str, Any]:
    name = name or model_name(filename)
    try:
        path = stored_path(destination(repo, filename))
        if AIModel.objects.filter(name=name).exclude(path=path).exists():
            message = _("There is a model %(name)s already.") % {"name": name}
            raise Problem(409, "conflict", message, param="model_id")
        return _job(start_download(repo, filename, name))
    except HubError as error:
        if error.may_pass:
            raise Problem(503, "overloaded", str(error), retry_after=5) from None
        raise Problem(400, "invalid_value", str(error), param="filename") from None


def _find(job_id: UUID) -> DownloadState:
    for state in download_states():
        if _id(state) == job_id:
            return state
    raise Http404


def _id(state: DownloadState) -> UUID:
    return uuid5(NAMESPACE, state.id)


def _job(state: DownloadState) -> dict[str, Any]:
    return {
        "job_id": _id(state),
        "job_type": "download",
        "status": state.state,
        "progress": state.progress,
        "repo": state.repo,
        "filename": state.filename,
        "model_id": state.name,
        "bytes_there": state.there,
        "bytes_total": state.total,
        "error": state.error,
        "updated_at": datetime.fromtimestamp(state.updated_at, UTC),
    }
