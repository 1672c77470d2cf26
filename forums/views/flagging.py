"""Calling a moderator to a post."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.http import PersonalRequest
from forums import moderating, policies
from forums.constants import FlagReason
from forums.errors import ForumError
from forums.models import Post, Topic
from forums.moderation_forms import FlagForm
from forums.views.topic import visible_post


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def flag(request: PersonalRequest, pk: int) -> HttpResponse:
    """Ask what is wrong with a post, and tell moderators."""
    post = visible_post(request.user, pk)
    may_flag = policies.flag(request.user, post)
    form = FlagForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        reason = FlagReason(form.cleaned_data["reason"])
        try:
            moderating.flag(post_id=pk, user=request.user, reason=reason, note=form.cleaned_data["note"])
        except (Post.DoesNotExist, Topic.DoesNotExist) as error:
            raise Http404 from error
        except ForumError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Thank you. A moderator looks at it soon."))
            return HttpResponseRedirect(_way_back(request, post))
    context = {"post": post, "topic": post.topic, "form": form, "may_flag": may_flag}
    return render(request, "forums/flag.html", context, status=422 if form.errors else 200)


def _way_back(request: PersonalRequest, post: Post) -> str:
    # Enough flags hide it: then its page is none of this reader's.
    is_seen = Post.objects.visible_to(request.user).filter(pk=post.pk).exists()
    if is_seen:
        return post.get_absolute_url()
    topic, is_left = post.topic, Topic.objects.visible_to(request.user).filter(pk=post.topic_id).exists()
    return topic.get_absolute_url() if is_left else topic.community.get_absolute_url()
