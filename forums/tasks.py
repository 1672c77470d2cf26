"""Background work of the forums: ids in, safe to run twice, no rules of its own."""

import logging

from celery import shared_task

from forums import activity, counting, drafts, standing
from forums.search import counting as search_counting
from forums.search import rebuilding

logger = logging.getLogger(__name__)


@shared_task(name="forums.tasks.write_standings")
def write_standings() -> int:
    """Write every community's leaderboards."""
    return counting.write_standings()


@shared_task(name="forums.tasks.write_activity")
def write_activity() -> int:
    """Count what happened in each community, week by week."""
    return activity.write()


@shared_task(name="forums.tasks.recount_members")
def recount_members() -> int:
    """Set reputations and numbers of posts right."""
    return counting.recount_members()


@shared_task(name="forums.tasks.recount_topics")
def recount_topics() -> int:
    """Set right what topics, posts and tags count."""
    return counting.recount_topics() + counting.recount_tags()


@shared_task(name="forums.tasks.sweep")
def sweep() -> int:
    """Drop forgotten drafts, and reading marks that say nothing any more."""
    return drafts.sweep() + counting.sweep_reading_marks()


@shared_task(name="forums.tasks.clean_up")
def clean_up(user_id: int) -> None:
    """Hide the rest of what a spammer wrote, batch by batch."""
    while not standing.go_on(user_id=user_id):
        pass


@shared_task(name="forums.tasks.finish_clean_ups")
def finish_clean_ups() -> None:
    """Go on with every clean-up that a lost nudge or a killed worker left behind."""
    for user_id in standing.unfinished():
        try:
            clean_up(user_id)
        except Exception:  # one person's trouble must not keep the others' spam on the pages
            logger.exception("The clean-up of member %s could not go on; the next sweep tries again.", user_id)


@shared_task(name="forums.tasks.search_refresh")
def search_refresh() -> int:
    """Count the words of the indexes that have changed."""
    return search_counting.refresh_due()


@shared_task(name="forums.tasks.search_rebuild")
def search_rebuild() -> None:
    """Begin the indexes that are wanted, and go on with those that are not finished."""
    rebuilding.go_on()
