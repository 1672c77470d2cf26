"""What the Data Loader community knows beyond topics: Salesforce's error codes, and which topics speak of them."""

from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _l

from dataloader import spelling
from dataloader.constants import CODE_MAX_LENGTH
from dataloader.querysets import ErrorCodeQuerySet, TopicErrorCodeQuerySet
from forums.models import Topic
from lib import markdown


class ErrorCode(models.Model):
    """An error code of the Salesforce API, in plain words."""

    code = models.CharField(
        _l("code"),
        max_length=CODE_MAX_LENGTH,
        unique=True,
        validators=[
            RegexValidator(
                rf"\A{spelling.PATTERN}\Z", _l("Capitals, digits and underscores, such as UNABLE_TO_LOCK_ROW.")
            )
        ],
    )
    title = models.CharField(_l("title"), max_length=100, help_text=_l("What it means, in a few plain words."))
    explanation = models.TextField(_l("explanation"), help_text=_l("Markdown."))
    explanation_html = models.TextField(editable=False)
    fix = models.TextField(_l("what to do"), help_text=_l("Markdown: a list, the likeliest first."))
    fix_html = models.TextField(editable=False)
    markdown_version = models.PositiveSmallIntegerField(editable=False)
    example = models.CharField(
        _l("example"),
        max_length=300,
        blank=True,
        help_text=_l("What the error file says, from the code on. With made-up names and ids."),
    )
    related = models.ManyToManyField("self", symmetrical=False, blank=True, verbose_name=_l("related codes"))
    # Published topics that speak of it: kept with their rows by ``dataloader.indexing``.
    topic_count = models.PositiveIntegerField(_l("topics"), default=0, editable=False)

    objects = ErrorCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _l("error code")
        verbose_name_plural = _l("error codes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Render the texts as they are saved."""
        self.explanation_html = markdown.render(self.explanation)
        self.fix_html = markdown.render(self.fix)
        self.markdown_version = markdown.RENDERER_VERSION
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address of its page."""
        return address(self.code)

    @property
    def breakable(self) -> SafeString:
        """Return the code with places between its words where a narrow line may break."""
        return format_html_join(mark_safe("_<wbr>"), "{}", ([word] for word in self.code.split("_")))

    @property
    def first_step(self) -> str:
        """Return the likeliest remedy, without signs of Markdown."""
        return next(iter(markdown.words_of(self.fix).splitlines()), "")

    @property
    def example_line(self) -> str:
        """Return a line as the error file has it, empty without an example."""
        return f'"A-1042","Acme","{self.example}"' if self.example else ""


class TopicErrorCode(models.Model):
    """A published topic speaks of a code: in its title, or in a post that everybody may see."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="error_codes", db_index=False)
    code = models.ForeignKey(ErrorCode, on_delete=models.CASCADE, related_name="topic_codes", db_index=False)

    objects = TopicErrorCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _l("code of a topic")
        verbose_name_plural = _l("codes of topics")
        constraints = [
            # Also the index by which a topic's codes are kept in step.
            models.UniqueConstraint(fields=["topic", "code"], name="topic_error_code_once"),
        ]
        indexes = [
            # Reader: the page of a code, newest topics first.
            models.Index(fields=["code", "-topic"], name="error_code_newest_topics"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}: {self.code_id}"


def address(code: str) -> str:
    """Return the address of a code's page."""
    return reverse("dataloader:error", args=[code])
