"""Addresses of posts and acts, the same for every community: numbers are never given twice."""

from django.urls import path

from forums.views import acting, composing, flagging, organising, topic, writing

app_name = "discuss"
urlpatterns = [
    path("p/<int:pk>/", topic.permalink, name="permalink"),
    path("posts/<int:pk>/comments/", topic.comments, name="comments"),
    path("posts/<int:pk>/history/", topic.history, name="history"),
    path("posts/<int:pk>/comment/", writing.comment, name="comment"),
    path("posts/<int:pk>/edit/", writing.edit, name="edit"),
    path("posts/<int:pk>/delete/", acting.delete, name="delete"),
    path("posts/<int:pk>/undelete/", acting.undelete, name="undelete"),
    path("posts/<int:pk>/vote/", acting.vote, name="vote"),
    path("posts/<int:pk>/unvote/", acting.unvote, name="unvote"),
    path("posts/<int:pk>/accept/", acting.accept, name="accept"),
    path("posts/<int:pk>/bookmark/", acting.bookmark, name="bookmark"),
    path("posts/<int:pk>/unbookmark/", acting.unbookmark, name="unbookmark"),
    path("posts/<int:pk>/flag/", flagging.flag, name="flag"),
    path("topics/<int:pk>/reply/", writing.reply, name="reply"),
    path("topics/<int:pk>/unaccept/", acting.unaccept, name="unaccept"),
    path("topics/<int:pk>/read/", acting.mark_read, name="mark_read"),
    path("topics/<int:pk>/state/", organising.change_state, name="change_state"),
    path("topics/<int:pk>/tags/", organising.retag, name="retag"),
    path("topics/<int:pk>/move/", organising.move, name="move"),
    path("topics/<int:pk>/merge/", organising.merge, name="merge"),
    path("topics/<int:pk>/duplicate/", organising.duplicate, name="duplicate"),
    path("read-all/", acting.mark_all_read, name="mark_all_read"),
    path("watch/", acting.watch, name="watch"),
    path("preview/", composing.preview, name="preview"),
    path("images/", composing.stage_image, name="stage_image"),
    path("images/<str:token>/", composing.image, name="image"),
    path("drafts/", composing.save_draft, name="save_draft"),
    path("drafts/discard/", composing.discard_draft, name="discard_draft"),
    path("drafts/restore/", composing.restore_draft, name="restore_draft"),
]
