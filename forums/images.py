"""Images in posts: staged when they are pasted, attached when their post is written."""

from django.utils.translation import gettext as _

from accounts.querysets import Someone
from files.models import Upload
from forums.errors import ForumError
from forums.models import Post, PostImage
from forums.rendering import IMAGE_SOURCE
from lib.markdown import image_tokens

MAX_IMAGES = 20  # in one post


def attach(post: Post) -> None:
    """Attach the images that the post's writer staged and its text shows, in the caller's transaction.

    An edit attaches what is new; what the text showed before stays attached, for its history shows it. Raises
    ``ForumError`` for too many, and for an image that is gone: one that waited too long in a draft.
    """
    tokens = image_tokens(post.body, IMAGE_SOURCE)
    if not tokens:
        return
    if len(tokens) > MAX_IMAGES:
        raise ForumError(_("Put at most %(limit)s images into one post.") % {"limit": MAX_IMAGES})
    writer = post.editor or post.author
    staged = list(Upload.objects.staged_by(writer).filter(token__in=tokens).select_for_update().order_by("id"))
    shown = set(PostImage.objects.filter(upload__token__in=tokens).values_list("upload__token", flat=True))
    if len(staged) + len(shown) < len(tokens):
        raise ForumError(_("An image in your text is no longer here. Remove it, or paste it again."))
    Upload.objects.filter(pk__in=[upload.pk for upload in staged]).update(state=Upload.State.ATTACHED)
    PostImage.objects.bulk_create([PostImage(upload=upload, post=post) for upload in staged])


def visible_image(user: Someone, token: str) -> tuple[Upload, Post | None]:
    """Return an image that ``user`` may see and the post it is in; ``None`` for one's own that waits for its post.

    Raises ``Upload.DoesNotExist``.
    """
    posts = Post.objects.visible_to(user)
    image = PostImage.objects.filter(upload__token=token, post__in=posts).select_related("upload", "post").first()
    if image is not None:
        return image.upload, image.post
    if not user.is_authenticated:
        raise Upload.DoesNotExist
    return Upload.objects.staged_by(user).get(token=token), None
