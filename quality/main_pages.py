"""The pages by which the portal is judged: signed out and signed in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MainPage:
    """One of them. ``path`` holds names of ``quality.places`` in braces."""

    name: str
    path: str
    role: str = ""  # signed out

    @property
    def is_public(self) -> bool:
        """Say whether search engines may find it."""
        return not self.role


MAIN_PAGES = (
    MainPage("home", "/"),
    MainPage("support", "/support/"),
    MainPage("community", "/forums/"),
    MainPage("topic", "{solved_topic}"),
    MainPage("ask", "/forums/ask/"),
    MainPage("data-loader", "/data-loader/"),
    MainPage("status", "/status/"),
    MainPage("status-history", "/status/history/"),
    MainPage("incident", "/status/incidents/{incident}/"),
    MainPage("sign-in", "/accounts/login/"),
    MainPage("my-cases", "/cases/?whose=team", "contact"),
    MainPage("create-case", "/cases/new/", "contact"),
    MainPage("case", "/cases/{case}/", "contact"),
    MainPage("desk", "/desk/?tab=all", "engineer"),
)
