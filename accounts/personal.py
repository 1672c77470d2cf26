"""What a person sets for themselves."""

from accounts.models import User


def choose_language(*, user: User, language: str) -> None:
    """Speak ``language`` to this person from now on, on pages and in mails; empty: what their browser asks for."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language
