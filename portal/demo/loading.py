"""The whole demo in order. The caller holds the transaction: a load that is killed leaves nothing in the database."""

from portal.demo import acting, people, post_office, script


def load() -> None:
    """Fill an empty database."""
    with post_office.closed():
        cast = people.make_everybody()
        acting.perform(script.stories(), cast)
        people.end_memberships(cast)
        people.change_lately(cast)
        post_office.settle()
