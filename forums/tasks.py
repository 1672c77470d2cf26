"""Background work of the forums: ids in, safe to run twice, no rules of its own."""

from celery import shared_task

from forums import counting, drafts


@shared_task(name="forums.tasks.write_standings")
def write_standings() -> int:
    """Write every community's leaderboards."""
    return counting.write_standings()


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
