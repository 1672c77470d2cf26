"""Addresses of one of everything. What the demo lacks is made once, by the verbs that the portal itself uses."""

from datetime import timedelta

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from accounts import invitations, requests
from accounts.models import Account, Contact, Invitation, Product, User
from bridges import linking
from cases import oncall, workflow
from cases.constants import Status
from cases.models import Case
from forums import drafts, moderating, posting
from forums.constants import FlagReason, PostKind, TopicKind
from forums.models import Category, Post, Review, Topic
from forums.posting import NewTopic
from notifications import kinds, unsubscribing
from notifications.models import Delivery
from quality import people
from status import incidents
from status.changes import By
from status.constants import Kind, Stage
from status.incidents import NewIncident
from status.models import Component, Incident, Subscriber


def find() -> dict[str, str]:
    """Return each place's piece of an address by its name."""
    return {**_cases(), **_community(), **_status(), **_accounts(), **_mail()}


def _cases() -> dict[str, str]:
    contact = _of("contact")
    own = Case.objects.filter(contact__user=contact).annotate(words=Count("comments")).order_by("-words")
    solved = own.filter(status=Status.SOLVED).first() or own.filter(status=Status.CLOSED)[0]
    unverified = _unverified()
    alert = oncall.open_alerts().first() or _production_down().alerts.get()
    linked = Incident.objects.published().filter(kind=Kind.INCIDENT).latest("started_at")
    for case in own.exclude(status=Status.CLOSED)[:2]:
        linking.link(case_id=case.pk, public_id=linked.public_id, actor=_of("engineer"))
    return {
        "case": own.exclude(status=Status.CLOSED)[0].number,
        "closed_case": own.filter(status=Status.CLOSED)[0].number,
        "solved_case": solved.number,
        "unverified_case": unverified.number,
        "alert": alert.token,
        "case_of_alert": alert.case.number,
        "account_id": str(contact.active_contacts[0].account_id),
        "linked_incident": linked.public_id,
    }


def _production_down() -> Case:
    contact = Contact.objects.get(user=_of("stranger"), ended_at=None)
    new = workflow.NewCase(
        product=Product.objects.all()[0], subject="Production Down: no order leaves", description="Since nine o'clock."
    )
    return workflow.open_case(contact=contact, actor=contact.user, new=new)


def _unverified() -> Case:
    colleague = Contact.objects.get(user__email="unverified@quality.example", account__name="Acme")
    found = Case.objects.filter(contact=colleague, verification="pending").first()
    new = workflow.NewCase(
        product=Product.objects.all()[0], subject="Who may read the audit log?", description="We cannot find the page."
    )
    return found or workflow.open_case(contact=colleague, actor=colleague.user, new=new)


def _community() -> dict[str, str]:
    member, contact, moderator = _of("member"), _of("contact"), _of("moderator")
    main = Topic.objects.filter(community__slug="community", merged_into=None, author__is_active=True)
    long = main.order_by("-last_public_number")[0]
    solved = main.exclude(accepted_post=None).order_by("-answer_count")[0]
    unanswered = main.filter(author__contacts=None, answer_count=0, kind=TopicKind.QUESTION).first() or main[0]
    customers = (
        main.filter(author__contacts__account__channel="direct", author__contacts__ended_at=None).first() or long
    )
    loader = Topic.objects.filter(community__slug="data-loader", merged_into=None).order_by("-last_public_number")[0]
    own = Topic.objects.filter(author=member, merged_into=None).first() or loader
    busy = Post.objects.exclude(kind=PostKind.COMMENT).annotate(below=Count("comments")).order_by("-below")[0]
    edited = Post.objects.filter(revisions__isnull=False).first() or busy
    review = Review.objects.filter(closed_at=None).first() or _flagged(busy)
    drafts.keep(member, drafts.reply_key(long), body="Half an answer, kept for later.")
    if not member.forum_bookmarks.exists():
        member.forum_bookmarks.create(post=busy)
    return {
        "topic": long.get_absolute_url(),
        "topic_id": str(long.pk),
        "solved_topic": solved.get_absolute_url(),
        "unanswered_topic": unanswered.get_absolute_url(),
        "strangers_topic_id": str(unanswered.pk),
        "customers_topic_id": str(customers.pk),
        "loader_topic": loader.get_absolute_url(),
        "open_question": _open_question(member).get_absolute_url(),
        "own_topic_id": str(own.pk),
        "own_post": str(own.posts.get(kind=PostKind.OPENING).pk),
        "others_post": str(long.posts.exclude(author=member).exclude(kind=PostKind.COMMENT)[0].pk),
        "commented_post": str(busy.pk),
        "edited_post": str(edited.pk),
        "review": str(review.pk),
        "category": long.category.slug,
        "member": member.handle,
        "author": contact.handle,
        "moderator": moderator.handle,
        "tag": str(long.tags.values_list("slug", flat=True).first() or "netsuite")
        if hasattr(long, "tags")
        else "netsuite",
    }


def _open_question(author: User) -> Topic:
    title = "Where does the agent keep its log?"
    found = Topic.objects.filter(author=author, title=title, accepted_post=None).first()
    if found is not None:
        return found
    shelf = Category.objects.filter(community__slug="community")[0]
    return posting.ask(
        community=shelf.community,
        category=shelf,
        author=author,
        new=NewTopic(
            title=title, body="The documentation names two folders, and both are empty.", kind=TopicKind.QUESTION
        ),
    )


def _flagged(post: Post) -> Review:
    flagger = _of("stranger") if post.author != _of("stranger") else _of("contact")
    return moderating.flag(post_id=post.pk, user=flagger, reason=FlagReason.values[0]).review  # type: ignore[arg-type]


def _status() -> dict[str, str]:
    by = By(actor=_of("operator"))
    published = Incident.objects.published()
    draft = Incident.objects.filter(published_at=None).first() or incidents.open_incident(
        by=by, new=NewIncident("Reports may be late", "We look into it.", publish=False)
    )
    running = published.filter(kind=Kind.INCIDENT).exclude(status__in=[Stage.RESOLVED, Stage.POSTMORTEM])[0]
    over = published.filter(kind=Kind.INCIDENT, status=Stage.POSTMORTEM)[0]
    plan = published.filter(kind=Kind.MAINTENANCE, status=Stage.SCHEDULED)[0]
    now = timezone.now()
    reader, _made = Subscriber.objects.get_or_create(
        address="reader@quality.example", owner_email="reader@quality.example", defaults={"confirmed_at": now}
    )
    newcomer, _made = Subscriber.objects.get_or_create(
        address="new.reader@quality.example",
        owner_email="new.reader@quality.example",
        defaults={"confirmation_sent_at": now},
    )
    ended, _made = Subscriber.objects.get_or_create(
        address="gone@quality.example",
        owner_email="gone@quality.example",
        defaults={"confirmed_at": now, "ended_at": now},
    )
    return {
        "draft": draft.public_id,
        "incident": running.public_id,
        "past_incident": over.public_id,
        "plan": plan.public_id,
        "update": running.updates.all()[0].public_id,
        "component": Component.objects.all()[0].public_id,
        "month": f"{over.started_at:%Y-%m}",
        "subscriber": reader.token,
        "unconfirmed": newcomer.confirmation,
        "ended_subscriber": ended.token,
    }


def _accounts() -> dict[str, str]:
    acme = Account.objects.get(name="Acme")
    newcomer = User.objects.get(email="newcomer@quality.example")
    address, _made = EmailAddress.objects.get_or_create(user=newcomer, email="second@quality.example")
    reset = f"{user_pk_to_url_str(newcomer)}-{EmailAwarePasswordResetTokenGenerator().make_token(newcomer)}"
    asking = User.objects.get(email="passwordless@quality.example")
    request = requests.ask(user=asking, company="Kestrel Foods", message="I keep their integrations.")
    key = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN, user__email="secured@quality.example")[0]
    return {
        "team": str(acme.pk),
        "person": str(newcomer.pk),
        "contact_request": str(request.pk),
        "invitation": invitations.path(_invitation(acme, "invited@quality.example")),
        "own_invitation": invitations.path(_invitation(acme, newcomer.email)),
        "expired_invitation": invitations.path(_expired(acme)),
        "email_key": EmailConfirmationHMAC(address).key,
        "reset_key": reset,
        "webauthn_key": str(key.pk),
    }


def _invitation(account: Account, email: str) -> Invitation:
    found = account.invitations.filter(email=email).first()
    if found is None:
        invitations.invite(account=account, email=email, actor=_of("contact"))
        found = account.invitations.get(email=email)
    return found


def _expired(account: Account) -> Invitation:
    offer = _invitation(account, "late@quality.example")
    Invitation.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - timedelta(days=1))
    offer.refresh_from_db()
    return offer


def _mail() -> dict[str, str]:
    delivery = Delivery.objects.filter(user=_of("contact"), channel="mail", message__kind="cases.created").latest("pk")
    link = unsubscribing.url(delivery, kinds.get("cases.created"))
    return {"delivery": str(delivery.pk), "unsubscribe": link.removeprefix(settings.PORTAL_URL)}


def _of(role: str) -> User:
    return User.objects.get(email=people.ROLES[role])
