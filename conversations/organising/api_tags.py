"""The tags of whoever asks, for programs. They begin on a conversation, and go with the last."""

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.models import User
from conversations.api_conflicts import invalid
from conversations.models import Tag
from conversations.organising import tags
from conversations.organising.api_schemas import TagName, TagOut, Tags

router = Router(tags=["conversations"], auth=requires("read"))


@router.get("/tags", response=Tags, summary="List tags")
def list_tags(request: AuthenticatedRequest) -> dict[str, list[Tag]]:
    """One's own, the most used first. To filter by one: GET /conversations?tag=NAME."""
    return {"tags": list(tags.tags_of(request.auth))}


@router.patch(
    "/tags/{int:tag_id}", response=TagOut, auth=requires("manage"), summary="Rename a tag"
)
def rename_tag(request: AuthenticatedRequest, tag_id: int, body: TagName) -> Tag:
    """If there is one of that name already, the two become one: it is the one in the answer."""
    renamed = tags.rename(_own(request.auth, tag_id), _name(body.name))
    return tags.tags_of(request.auth).get(pk=renamed.pk)


@router.delete(
    "/tags/{int:tag_id}", response={204: None}, auth=requires("manage"), summary="Delete a tag"
)
def delete_tag(request: AuthenticatedRequest, tag_id: int) -> Status[None]:
    """The conversations that have it stay."""
    tags.delete(_own(request.auth, tag_id))
    return Status(204, None)


def _own(user: User, tag_id: int) -> Tag:
    return get_object_or_404(Tag, pk=tag_id, user=user)


def _name(text: str) -> str:
    try:
        [name] = tags.parse([text]) or [""]
    except tags.TagError as error:
        raise invalid("name", str(error)) from None
    if not name:
        raise invalid("name", _("A tag needs a name."))
    return name
