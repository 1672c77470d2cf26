"""What a person keeps for themselves: what they watch, their bookmarks, their drafts. Private pages."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import PersonalRequest
from forums.constants import Level
from forums.keeping import draft_rows, watch_rows
from forums.models import Bookmark, Draft, Post, Watch
from forums.post_rows import post_rows
from lib import keyset

PAGE_SIZE = 30


@login_required
@never_cache
@require_safe
def watching(request: PersonalRequest) -> HttpResponse:
    """List what the person watches, and let them change how soon they are told."""
    watches = Watch.objects.filter(user=request.user).select_related(
        "community", "category__community", "tag__community", "topic__community"
    )
    page = keyset.paginate(watches, order=("-id",), query=request.GET, size=PAGE_SIZE)
    context = {"page": page, "rows": watch_rows(request.user, page.rows), "levels": Level.choices}
    return render(request, "forums/watching.html", {**context, **_tabs("watching")})


@login_required
@never_cache
@require_safe
def bookmarks(request: PersonalRequest) -> HttpResponse:
    """List the posts that the person keeps, as far as they may still see them."""
    seen = Post.objects.visible_to(request.user)
    kept = (
        Bookmark.objects.filter(user=request.user, post__in=seen)
        .select_related("post__author", "post__topic__community", "post__topic__category")
        .defer("post__search", "post__body_html")
    )
    page = keyset.paginate(kept, order=("-id",), query=request.GET, size=PAGE_SIZE)
    context = {"page": page, "posts": post_rows(bookmark.post for bookmark in page)}
    return render(request, "forums/bookmarks.html", {**context, **_tabs("bookmarks")})


@login_required
@never_cache
@require_safe
def drafts(request: PersonalRequest) -> HttpResponse:
    """List what the person began to write, wherever they did, to go on or to let go."""
    kept = Draft.objects.filter(user=request.user, discarded_at=None)
    page = keyset.paginate(kept, order=("-updated_at", "-id"), query=request.GET, size=PAGE_SIZE)
    context = {"page": page, "rows": draft_rows(request.user, page.rows)}
    return render(request, "forums/drafts.html", {**context, **_tabs("drafts")})


def _tabs(active: str) -> dict[str, Any]:
    pages = (("watching", _("Watching")), ("bookmarks", _("Bookmarks")), ("drafts", _("Drafts")))
    return {
        "tabs": [
            {"url": reverse(f"forum_account:{name}"), "label": label, "active": name == active} for name, label in pages
        ]
    }
