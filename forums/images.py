"""Images in posts: staged when they are pasted, attached when their post is written."""

from forums.models import Post


def attach(post: Post) -> None:
    """Attach the images that the post's author staged and its text shows, in the caller's transaction."""
