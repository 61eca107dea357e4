"""What members' open pages get to know of a project."""

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations import organising
from conversations.models import Conversation, Project
from conversations.projects import actions
from inference.models import AIModel
from tests.conversations.builders import asked
from tests.conversations.sockets import Socket, cookies_of, open_page

pytestmark = pytest.mark.django_db(transaction=True)


def path(conversation: Conversation) -> str:
    return f"/ws/c/{conversation.pk}/"


async def test_members_see_what_is_said(
    chat: Conversation, alice: User, erin: User, model: AIModel
) -> None:
    async with open_page(erin, path(chat)) as page:
        await page.hello()
        await page.until('id="conversations"')

        await sync_to_async(asked)(alice, model, "And a dog?", chat)

        await page.until("And a dog?")


async def test_who_is_removed_sees_nothing_more(
    chat: Conversation, project: Project, alice: User, erin: User, model: AIModel
) -> None:
    async with open_page(erin, path(chat)) as page:
        await page.hello()
        await page.until('id="conversations"')

        member = await project.members.select_related("user", "project__user").aget(user=erin)
        await sync_to_async(actions.remove_member)(member)
        await page.until('hx-swap-oob="innerHTML:#messages"', 'data-place="gone"')
        await page.until(f'id="project-{project.pk}"')
        await sync_to_async(asked)(alice, model, "Is she gone?", chat)

        assert await page.is_silent()
    assert not await Socket(await cookies_of(erin), path(chat)).connect()


async def test_who_stays_keeps_their_page(
    chat: Conversation, project: Project, dora: User, erin: User
) -> None:
    async with open_page(dora, path(chat)) as page:
        await page.hello()
        await page.until('id="conversations"')

        member = await project.members.select_related("user", "project__user").aget(user=erin)
        await sync_to_async(actions.remove_member)(member)

        [frame] = await page.until(f'id="project-{project.pk}"')
        assert "#messages" not in frame


async def test_deleting_a_project_closes_its_chats_for_others(
    chat: Conversation, project: Project, alice: User, dora: User
) -> None:
    async with open_page(dora, path(chat)) as hers, open_page(alice, path(chat)) as own:
        for page in (hers, own):
            await page.hello()
            await page.until('id="conversations"')

        entry = f'id="project-{project.pk}"'
        await sync_to_async(actions.delete)(project)

        await hers.until('hx-swap-oob="innerHTML:#messages"')
        [frame] = await own.until(entry)
        assert "#messages" not in frame


async def test_its_page_is_told_of_a_chat_that_begins_in_it(
    project: Project, alice: User, erin: User
) -> None:
    async with open_page(erin, "/ws/") as page:
        await page.hello()
        await page.frame()

        await sync_to_async(begin)(alice, project)

        [frame] = await page.until("sidebar-inbox")
        assert f'id="project-{project.pk}"' in frame
        assert "Tea" not in frame  # hers is not in others' sidebars


def begin(user: User, project: Project) -> None:
    organising.create(user, title="Tea", project=project)
