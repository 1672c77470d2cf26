"""The whole demo in order, in one transaction: a load that is killed leaves nothing in the database."""

from django.db import connection, transaction

from forums.search import counting
from portal.demo import acting, forum_acting, forum_script, people, post_office, script, status_acting


def load() -> None:
    """Fill an empty database."""
    # Closed until after the commit, which is when the acts nudge the workers.
    with post_office.closed(), transaction.atomic():
        _plan_in_the_order_written()
        cast = people.make_everybody()
        acting.perform(script.stories(), cast)
        forum_acting.perform(forum_script.topics(), forum_acting.make_members(cast))
        counting.refresh_due()
        status_acting.perform(cast["hiro"], readers=[cast["maya"], cast["tom"]])
        people.end_memberships(cast)
        people.change_lately(cast)
        post_office.settle()


def _plan_in_the_order_written() -> None:
    # The tables are nearly empty: PostgreSQL would spend more time on the order of eight joins than on the joins.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL join_collapse_limit TO 1")
