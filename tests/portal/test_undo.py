"""What can be taken back is done at once, and its message takes it back: for who did it, for a while, once."""

import html
import re
from datetime import timedelta

import pytest
from django.contrib.messages.constants import SUCCESS
from django.contrib.messages.storage.base import Message
from django.test import Client

from accounts import contacts as team
from accounts import erasure, invitations, membership
from accounts.models import AuditEvent, Contact, Invitation, User
from cases.models import Case
from forums import editing
from forums.constants import Level, PostKind, State
from forums.models import Bookmark, Draft, ModerationEvent, Post, Topic, Watch
from lib import undoing
from status import incidents
from status.changes import By
from status.constants import Act, Stage
from status.incidents import NewIncident
from status.models import Incident, StatusEvent
from tests.cast import SignedIn
from tests.factories.accounts import ContactFactory, UserFactory
from tests.factories.cases import file_case
from tests.factories.forums import ask, reply

pytestmark = pytest.mark.django_db
UNDO = re.compile(r'<form class="undo" method="post" action="([^"]+)">')


def undo_url(page: str) -> str:
    """Return where the "Undo" of the page's message leads."""
    match = UNDO.search(page)
    assert match is not None, "no Undo"
    return html.unescape(match[1])


def act(client: Client, url: str, **data: str | int) -> str:
    answer = client.post(url, data, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


# --- An access that was ended ---


@pytest.fixture
def leaver(contact: Contact) -> Contact:
    found: Contact = ContactFactory(account=contact.account, is_authorized=True)
    return found


def end_url(contact: Contact) -> str:
    return f"/account/team/{contact.account_id}/contacts/{contact.pk}/end/"


def test_an_ended_access_is_as_it_was(contact: Contact, leaver: Contact, as_user: SignedIn) -> None:
    admin = as_user(contact.user)
    page = act(admin, end_url(leaver))
    assert not Contact.objects.current().filter(pk=leaver.pk).exists()
    assert "as before" in act(admin, undo_url(page))
    assert Contact.objects.current().filter(pk=leaver.pk, is_authorized=True).exists()
    # Once more is once.
    act(admin, undo_url(page))
    acts = list(AuditEvent.objects.filter(subject=leaver.user).values_list("act", flat=True))
    assert acts == [AuditEvent.Act.ACCESS_RESTORED, AuditEvent.Act.ACCESS_ENDED]


def test_only_who_ended_it_takes_it_back(contact: Contact, leaver: Contact, csm: User, as_user: SignedIn) -> None:
    team.end_access(contact=leaver, actor=csm)
    assert "can no longer be undone" in act(as_user(contact.user), f"{end_url(leaver)}undo/")
    leaver.refresh_from_db()
    assert not leaver.is_current


def test_after_an_hour_it_is_too_late(contact: Contact, leaver: Contact, as_user: SignedIn) -> None:
    team.end_access(contact=leaver, actor=contact.user)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(membership, "UNDO_FOR", timedelta(seconds=-1))
        assert "can no longer be undone" in act(as_user(contact.user), f"{end_url(leaver)}undo/")
    leaver.refresh_from_db()
    assert not leaver.is_current


def test_a_place_that_was_given_away_is_not_taken_back(contact: Contact, leaver: Contact, as_user: SignedIn) -> None:
    admin = as_user(contact.user)
    page = act(admin, end_url(leaver))
    plan = contact.account.plan
    plan.authorized_contact_limit = 1
    plan.save()
    assert "allows 1 authorized contact" in act(admin, undo_url(page))
    leaver.refresh_from_db()
    assert not leaver.is_current


# --- An invitation that was withdrawn ---


@pytest.fixture
def invitation(contact: Contact) -> Invitation:
    invitations.invite(account=contact.account, email="new@acme.example", actor=contact.user)
    return contact.account.invitations.get(email="new@acme.example")


def withdraw_url(invitation: Invitation) -> str:
    return f"/account/team/{invitation.account_id}/invitations/{invitation.pk}/withdraw/"


def test_a_withdrawn_invitation_opens_again(contact: Contact, invitation: Invitation, as_user: SignedIn) -> None:
    admin = as_user(contact.user)
    page = act(admin, withdraw_url(invitation))
    link = invitations.path(invitation)
    assert admin.get(link).status_code == 410
    act(admin, undo_url(page))
    found = invitations.find(link.rstrip("/").rpartition("/")[2])
    assert found is not None
    assert found.is_open
    # Once more is once.
    act(admin, undo_url(page))
    acts = AuditEvent.objects.filter(data__invitation=invitation.pk).values_list("act", flat=True)
    assert list(acts) == [
        AuditEvent.Act.INVITATION_RESTORED,
        AuditEvent.Act.INVITATION_REVOKED,
        AuditEvent.Act.INVITED,
    ]


def test_what_an_ended_access_took_along_stays_withdrawn(
    contact: Contact, leaver: Contact, csm: User, as_user: SignedIn
) -> None:
    offer, _changed = invitations.issue(contact.account, leaver.user.email, actor=csm, as_account_admin=True)
    team.end_access(contact=leaver, actor=contact.user)
    admin = as_user(contact.user)
    # A page that was open all the while offers to withdraw it.
    act(admin, withdraw_url(offer))
    assert "can no longer be undone" in act(admin, f"{withdraw_url(offer)}undo/")
    assert not Invitation.objects.get(pk=offer.pk).is_open


@pytest.mark.parametrize("meanwhile", ["ended", "added", "erased"])
def test_who_was_acted_on_meanwhile_is_not_invited_again(
    meanwhile: str, contact: Contact, csm: User, administrator: User, as_user: SignedIn
) -> None:
    person = UserFactory()
    invitations.invite(account=contact.account, email=person.email, actor=contact.user)
    offer = contact.account.invitations.get(email=person.email)
    admin = as_user(contact.user)
    page = act(admin, withdraw_url(offer))
    if meanwhile == "erased":
        erasure.erase(user=person, actor=administrator)
    else:
        team.add_by_email(account=contact.account, email=person.email, actor=csm)
    if meanwhile == "ended":
        team.end_access(contact=contact.account.contacts.get(user=person), actor=csm)
    assert "can no longer be undone" in act(admin, undo_url(page))
    assert not Invitation.objects.get(pk=offer.pk).is_open


def test_a_place_that_was_given_away_is_not_offered_again(
    contact: Contact, invitation: Invitation, as_user: SignedIn
) -> None:
    Invitation.objects.filter(pk=invitation.pk).update(as_authorized=True)
    admin = as_user(contact.user)
    page = act(admin, withdraw_url(invitation))
    plan = contact.account.plan
    plan.authorized_contact_limit = 1
    plan.save()
    assert "allows 1 authorized contact" in act(admin, undo_url(page))
    assert not Invitation.objects.get(pk=invitation.pk).is_open


def test_only_who_withdrew_it_takes_it_back(
    contact: Contact, invitation: Invitation, csm: User, as_user: SignedIn
) -> None:
    invitations.revoke(invitation=invitation, actor=csm)
    assert "can no longer be undone" in act(as_user(contact.user), f"{withdraw_url(invitation)}undo/")
    assert not Invitation.objects.get(pk=invitation.pk).is_open


def test_after_an_hour_an_invitation_stays_withdrawn(
    contact: Contact, invitation: Invitation, as_user: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitations.revoke(invitation=invitation, actor=contact.user)
    monkeypatch.setattr(membership, "UNDO_FOR", timedelta(seconds=-1))
    assert "can no longer be undone" in act(as_user(contact.user), f"{withdraw_url(invitation)}undo/")
    assert not Invitation.objects.get(pk=invitation.pk).is_open


def test_who_was_invited_anew_has_one_invitation(contact: Contact, invitation: Invitation, as_user: SignedIn) -> None:
    admin = as_user(contact.user)
    page = act(admin, withdraw_url(invitation))
    invitations.invite(account=contact.account, email="New@acme.example", actor=contact.user)
    assert "can no longer be undone" in act(admin, undo_url(page))
    assert contact.account.invitations.open().count() == 1


# --- A post that was deleted ---


@pytest.fixture
def answer(member: User, contact: Contact) -> Post:
    return reply(ask(member), contact.user, "Raise the limit.")


def test_a_deleted_post_is_back(answer: Post, contact: Contact, as_user: SignedIn) -> None:
    author = as_user(contact.user)
    page = act(author, f"/forums/posts/{answer.pk}/delete/")
    answer.refresh_from_db()
    assert answer.state == State.DELETED
    assert answer.topic.__class__.objects.get(pk=answer.topic_id).answer_count == 0
    assert "Raise the limit." in act(author, undo_url(page))
    act(author, undo_url(page))
    answer.refresh_from_db()
    assert answer.state == State.PUBLISHED
    assert Topic.objects.get(pk=answer.topic_id).answer_count == 1
    acts = list(ModerationEvent.objects.filter(post=answer).values_list("act", flat=True))
    assert acts == [ModerationEvent.Act.POST_RESTORED, ModerationEvent.Act.POST_DELETED]


def test_a_deleted_topic_is_back(member: User, as_user: SignedIn) -> None:
    topic = ask(member)
    opening = topic.posts.get(kind=PostKind.OPENING)
    page = act(as_user(member), f"/forums/posts/{opening.pk}/delete/")
    assert Client().get(topic.get_absolute_url()).status_code == 404
    act(as_user(member), undo_url(page))
    assert Client().get(topic.get_absolute_url()).status_code == 200


def test_another_person_brings_no_post_back(answer: Post, member: User, contact: Contact, as_user: SignedIn) -> None:
    editing.delete_post(post_id=answer.pk, author=contact.user)
    assert as_user(member).post(f"/forums/posts/{answer.pk}/undelete/").status_code == 404
    answer.refresh_from_db()
    assert answer.state == State.DELETED


def test_nobody_comes_back_to_a_locked_topic(answer: Post, contact: Contact, as_user: SignedIn) -> None:
    page = act(as_user(contact.user), f"/forums/posts/{answer.pk}/delete/")
    Topic.objects.filter(pk=answer.topic_id).update(is_locked=True)
    act(as_user(contact.user), undo_url(page))
    answer.refresh_from_db()
    assert answer.state == State.DELETED


def test_what_waited_for_a_moderator_waits_again(answer: Post, contact: Contact) -> None:
    Post.objects.filter(pk=answer.pk).update(state=State.HELD)
    editing.delete_post(post_id=answer.pk, author=contact.user)
    assert editing.undelete_post(post_id=answer.pk, author=contact.user).state == State.HELD
    assert answer.reviews.filter(closed_at=None).count() == 1


# --- What one keeps for oneself ---


def test_a_removed_bookmark_is_back(answer: Post, member: User, as_user: SignedIn) -> None:
    Bookmark.objects.create(user=member, post=answer)
    client, list_url = as_user(member), "/account/bookmarks/"
    page = act(client, f"/forums/posts/{answer.pk}/unbookmark/", next=list_url)
    assert not Bookmark.objects.exists()
    assert "Raise the limit." in act(client, undo_url(page))
    assert Bookmark.objects.filter(user=member, post=answer).count() == 1


def test_a_watch_is_back_as_it_was(answer: Post, member: User, as_user: SignedIn) -> None:
    Watch.objects.update_or_create(user=member, topic=answer.topic, defaults={"level": Level.DAILY})
    client, list_url = as_user(member), "/account/watching/"
    page = act(client, "/forums/watch/", kind="topic", id=answer.topic_id, level="off", next=list_url)
    assert not Watch.objects.filter(user=member).exists()
    act(client, undo_url(page))
    assert Watch.objects.get(user=member).level == Level.DAILY


@pytest.mark.parametrize("url", ["//elsewhere.example/", "/\\elsewhere.example/", "https://elsewhere.example/", "x/"])
def test_undo_offers_no_address_of_another_site(url: str) -> None:
    assert undoing.undo_url_of(Message(SUCCESS, "Done.", extra_tags=f"undo:{url}")) == ""


def test_undo_leads_nowhere_else(answer: Post, member: User, as_user: SignedIn) -> None:
    url = f"/forums/posts/{answer.pk}/bookmark/?next=https://elsewhere.example/"
    assert as_user(member).post(url).headers["Location"].startswith("/")


def test_a_discarded_draft_of_the_forums_is_back(answer: Post, member: User, as_user: SignedIn) -> None:
    key = f"reply:{answer.topic_id}"
    Draft.objects.create(user=member, key=key, body="Half a thought")
    client = as_user(member)
    answered = client.post("/forums/drafts/discard/", {"key": key}, headers={"Accept": "text/html"}, follow=True)
    page = answered.content.decode()
    assert "Half a thought" not in page
    assert "Half a thought" in act(client, undo_url(page))


def test_a_follower_is_back(contact: Contact, colleague: Contact, as_user: SignedIn) -> None:
    case: Case = file_case(contact, subject="Orders stop")
    client, url = as_user(contact.user), f"/cases/{case.number}/followers/"
    act(client, url, user=colleague.user_id)
    page = act(client, f"{url}remove/", user=colleague.user_id)
    assert not case.followers.filter(user=colleague.user).exists()
    act(client, undo_url(page))
    assert case.followers.filter(user=colleague.user).exists()


# --- A draft of the status console ---


@pytest.fixture
def draft(operator: User) -> Incident:
    return incidents.open_incident(by=By(actor=operator), new=NewIncident("Maybe", "We look.", publish=False))


def test_a_discarded_incident_is_a_draft_again(draft: Incident, operator: User, as_user: SignedIn) -> None:
    console = as_user(operator)
    page = act(console, f"/status/manage/incidents/{draft.public_id}/discard/")
    draft.refresh_from_db()
    assert draft.status == Stage.CANCELLED
    act(console, undo_url(page))
    act(console, undo_url(page))
    draft.refresh_from_db()
    assert (draft.status, draft.resolved_at, draft.is_draft) == (Stage.INVESTIGATING, None, True)
    acts = StatusEvent.objects.filter(incident=draft).order_by("id").values_list("act", flat=True)
    assert list(acts) == [Act.DRAFTED, Act.DISCARDED, Act.BROUGHT_BACK]


def test_what_is_public_is_no_draft_again(draft: Incident, operator: User, as_user: SignedIn) -> None:
    incidents.publish_draft(by=By(actor=operator), public_id=draft.public_id)
    assert as_user(operator).post(f"/status/manage/incidents/{draft.public_id}/bring-back/").status_code == 422


# --- In general ---


def test_undo_is_a_form_with_a_token(answer: Post, contact: Contact, as_user: SignedIn) -> None:
    page = act(as_user(contact.user), f"/forums/posts/{answer.pk}/delete/")
    form = page[page.index('<form class="undo"') :].partition("</form>")[0]
    assert "csrfmiddlewaretoken" in form
    assert as_user(contact.user).get(undo_url(page)).status_code == 405
