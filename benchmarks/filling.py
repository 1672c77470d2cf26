"""Filling the benchmark's database: rows are made here and copied in, search vectors and history by PostgreSQL.

Nothing goes through the portal's acts, which would take hours; the rows are what those acts would have left.
"""

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import connection

from accounts.constants import Role
from accounts.models import Account, Contact, Product, SupportPlan, User
from accounts.roles import sync_roles
from accounts.seeds import seed_reference_data
from benchmarks.history import HISTORY
from benchmarks.scale import Scale
from benchmarks.texts import Texts
from cases.constants import Priority, Severity, Status

SEED = 20_261
YEARS = 3
CONTACT_EMAIL = "contact@big.example"
ENGINEER_EMAIL = "engineer1@bench.example"
_CHUNK = 5_000
_CASE_COLUMNS = (
    "id", "account_id", "contact_id", "product_id", "subject", "description", "description_html", "severity",
    "priority", "status", "owner_id", "opened_at", "updated_at", "first_responded_at", "solved_at", "closed_at",
    "version",
)  # fmt: skip
_COMMENT_COLUMNS = ("id", "case_id", "author_id", "body", "body_html", "is_internal", "created_at", "markdown_version")
_STATUSES = (Status.NEW, Status.IN_PROGRESS, Status.WAITING, Status.ON_HOLD, Status.SOLVED, Status.CLOSED)
_RECENT = (20, 40, 25, 15, 12, 10)  # how the newest sixth is spread over the statuses
_OLDER = (0.1, 0.8, 0.8, 0.6, 0.4, 97.3)


class Fill:
    """One filling of an empty, migrated database."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        self.chance = random.Random(SEED)
        self.texts = Texts(SEED)
        self.now = datetime.now(tz=UTC)
        self.begun = time.monotonic()
        self.contacts: dict[int, list[Contact]] = {}
        self.engineers: list[int] = []
        self.products: list[int] = []

    def say(self, line: str) -> None:
        """Print a line of progress with the time since the start."""
        print(f"  {time.monotonic() - self.begun:6.1f} s  {line}", flush=True)

    def run(self) -> None:
        """Fill everything that cases need."""
        self.say("people and accounts")
        self._people()
        with connection.cursor() as cursor:
            indexes = _drop_indexes(cursor)
            cursor.execute("CREATE TEMP TABLE new_case (LIKE cases_case)")
            cursor.execute("CREATE TEMP TABLE new_comment (LIKE cases_comment)")
            cursor.execute("ALTER TABLE new_case DROP COLUMN queue_rank")
            for column in ("first_response_due_at", "production_down_at", "production_down_lowered_at", "escalated_at"):
                cursor.execute(f"ALTER TABLE new_case DROP COLUMN {column}")
            cursor.execute(_DEFAULTS)
            self.say(f"{self.scale.cases:,} cases: texts")
            _copy(cursor, "new_case", _CASE_COLUMNS, self._cases())
            cursor.execute("CREATE INDEX ON new_case (id); ANALYZE new_case")
            self.say(f"{self.scale.comments:,} comments: texts")
            _copy(cursor, "new_comment", _COMMENT_COLUMNS, self._comments(_answerers(cursor)))
            cursor.execute("CREATE INDEX ON new_comment (case_id); ANALYZE new_comment")
            for first in range(1, self.scale.cases + 1, _CHUNK):
                cursor.execute(_INSERT_CASES, [first, first + _CHUNK])
                self.say(f"cases with their search vectors: {min(first + _CHUNK - 1, self.scale.cases):,}")
            self.say("comments")
            cursor.execute("INSERT INTO cases_comment SELECT * FROM new_comment ORDER BY id")
            for what, statement in HISTORY:
                self.say(what)
                cursor.execute(statement)
            for name, definition in indexes:
                self.say(f"index {name}")
                cursor.execute(definition)
            for table in ("cases_case", "cases_comment", "cases_caseevent", "accounts_user", "files_upload"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")

    # --- Who ------------------------------------------------------------------------------------------------------

    def _people(self) -> None:
        sync_roles()
        seed_reference_data()
        self.products = list(Product.objects.values_list("pk", flat=True))
        plans = list(SupportPlan.objects.order_by("code"))
        engineers = _users(
            (f"engineer{number}@bench.example", f"Engineer {number}") for number in range(1, self.scale.engineers + 1)
        )
        User.objects.filter(pk__in=[user.pk for user in engineers]).update(is_staff=True)
        Group.objects.get(name=Role.ENGINEER).user_set.add(*engineers)
        self.engineers = [user.pk for user in engineers]
        accounts = Account.objects.bulk_create(
            Account(name=f"Customer {number:04d}", plan=plans[number % len(plans)])
            for number in range(1, self.scale.accounts + 1)
        )
        names: list[tuple[str, str]] = [(CONTACT_EMAIL, "Big Customer's Contact")]
        owners: list[Account] = [accounts[0]]
        for number, account in enumerate(accounts):
            for person in range(11 if number == 0 else self.chance.randint(1, 6)):
                names.append((f"person{person}@customer{number}.example", f"Person {person} of {account.name}"))
                owners.append(account)
        users = _users(names)
        contacts = Contact.objects.bulk_create(
            Contact(account=account, user=user, is_authorized=True) for account, user in zip(owners, users, strict=True)
        )
        for contact in contacts:
            self.contacts.setdefault(contact.account_id, []).append(contact)

    # --- What -----------------------------------------------------------------------------------------------------

    def _cases(self) -> Iterator[Sequence[Any]]:
        chance, accounts = self.chance, list(self.contacts)
        # A few customers file much, most little; the big one has its own share.
        weights = [1 / (rank + 8) for rank in range(len(accounts) - 1)]
        others = iter(chance.choices(accounts[1:], weights=weights, k=self.scale.cases))
        step = timedelta(days=365 * YEARS) / self.scale.cases
        every = self.scale.cases // self.scale.big_account_cases
        for number in range(1, self.scale.cases + 1):
            account = accounts[0] if number % every == 0 else next(others)
            opened = self.now - step * (self.scale.cases - number + 1)
            is_recent = number > self.scale.cases * 5 / 6
            status = chance.choices(_STATUSES, weights=_RECENT if is_recent else _OLDER)[0]
            description = self.texts.text(chance.randint(2, 6))
            yield (
                number,
                account,
                chance.choice(self.contacts[account]).pk,
                chance.choice(self.products),
                self.texts.subject()[:200],
                description,
                f"<p>{description}</p>",
                chance.choices(Severity.values, weights=(2, 18, 55, 25))[0],
                chance.choices(Priority.values, weights=(1, 15, 60, 24))[0],
                status,
                chance.choice(self.engineers) if status != Status.NEW else None,
                opened,
                *self._ends(opened, status),
                1 if status == Status.NEW else 7,
            )

    def _ends(
        self, opened: datetime, status: str
    ) -> tuple[datetime, datetime | None, datetime | None, datetime | None]:
        """Return the last update, the first response, the solution and the end of a case."""
        if status == Status.NEW:
            return opened, None, None, None
        answered = opened + timedelta(minutes=self.chance.randint(5, 600))
        solved = min(answered + timedelta(hours=self.chance.randint(1, 400)), self.now)
        if status == Status.CLOSED:
            closed = min(solved + timedelta(days=self.chance.randint(0, 10)), self.now)
            return closed, answered, solved, closed
        return solved, answered, solved if status == Status.SOLVED else None, None

    def _comments(self, cases: Sequence[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        # Two for each case, the others where they fall: between two and about fifteen.
        counts = [2] * len(cases)
        for place in self.chance.choices(range(len(cases)), k=self.scale.comments - 2 * len(cases)):
            counts[place] += 1
        number = 0
        for (case, customer, owner, opened), count in zip(cases, counts, strict=True):
            moment = opened
            for turn in range(count):
                number += 1
                moment += timedelta(minutes=self.chance.randint(2, 900))
                is_ours = owner is not None and turn % 2 == 0
                body = self.texts.text(self.chance.randint(1, 5))
                is_internal = is_ours and self.chance.random() < 0.3
                yield number, case, owner if is_ours else customer, body, f"<p>{body}</p>", is_internal, moment, 1


def _users(people: Iterable[tuple[str, str]]) -> list[User]:
    return User.objects.bulk_create(
        [
            User(email=email, display_name=name, handle=email.replace("@", "-").replace(".", "-"), password="!")
            for email, name in people
        ],
        batch_size=2_000,
    )


def _copy(cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _answerers(cursor: Any) -> list[tuple[Any, ...]]:
    """Return each case's id, the contact's user, the owner and when it was opened."""
    cursor.execute(
        "SELECT c.id, k.user_id, c.owner_id, c.opened_at FROM new_case c"
        " JOIN accounts_contact k ON k.id = c.contact_id ORDER BY c.id"
    )
    return list(cursor.fetchall())


def _drop_indexes(cursor: Any) -> list[tuple[str, str]]:
    """Drop what can be built faster afterwards, and return how."""
    cursor.execute(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i"
        " WHERE i.tablename IN ('cases_case', 'cases_comment', 'cases_caseevent')"
        " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conname = i.indexname)"
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    return list(indexes)


_DEFAULTS = """
ALTER TABLE new_case ALTER markdown_version SET DEFAULT 1, ALTER environment SET DEFAULT 'production',
    ALTER endpoints SET DEFAULT '', ALTER contact_phone SET DEFAULT '', ALTER contact_time_zone SET DEFAULT 'UTC',
    ALTER origin SET DEFAULT 'web', ALTER verification SET DEFAULT 'not_needed',
    ALTER public_updated_at DROP NOT NULL
"""
_INSERT_CASES = """
INSERT INTO cases_case (id, account_id, contact_id, product_id, subject, description, description_html,
    markdown_version, environment, endpoints, contact_phone, contact_time_zone, severity, priority, status, owner_id,
    origin, verification, opened_at, updated_at, public_updated_at, first_response_due_at, first_responded_at,
    solved_at, closed_at, submission_token, version, search_public, search_staff)
SELECT c.id, account_id, contact_id, product_id, subject, description, description_html,
    markdown_version, environment, endpoints, contact_phone, contact_time_zone, severity, priority, status, owner_id,
    origin, verification, opened_at, updated_at, updated_at, opened_at + interval '8 hours', first_responded_at,
    solved_at, closed_at, NULL, version, words || coalesce(public, ''),
    words || coalesce(public, '') || coalesce(internal, '')
FROM new_case c
CROSS JOIN LATERAL (
    SELECT setweight(to_tsvector('english', c.subject), 'A') || setweight(to_tsvector('english', c.description), 'B')
        AS words
) own
CROSS JOIN LATERAL (
    SELECT setweight(to_tsvector('english', string_agg(body, ' ') FILTER (WHERE NOT is_internal)), 'C') AS public,
        setweight(to_tsvector('english', string_agg(body, ' ') FILTER (WHERE is_internal)), 'C') AS internal
    FROM new_comment m WHERE m.case_id = c.id
) said
WHERE c.id >= %s AND c.id < %s ORDER BY c.id
"""
