"""Every page template and state, once: who looks at it, where it is, and what is done there first.

``path`` holds names of ``quality.places`` in braces. ``templates`` are those that the page must be made of: the server
names them, so an entry that has come to show something else fails.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.sync_api import Page, expect

Act = Callable[[Page, Mapping[str, str]], None]

PHONE = (390, 844)
DESKTOP = (1280, 800)


@dataclass(frozen=True)
class Visit:
    """One look at a page."""

    name: str
    path: str
    templates: str = ""  # separated by spaces
    role: str = ""  # signed out
    status: int = 200
    act: Act | None = None
    size: tuple[int, int] = DESKTOP
    spared: tuple[str, ...] = ()  # rules of axe-core that do not hold there; the table says why
    is_file: bool = False  # served from the published status, of which nobody notes the templates


def click(name: str, *, role: str = "button") -> Act:
    """Press the control of this name."""
    return lambda page, _places: page.get_by_role(role, name=name, exact=True).first.click()  # type: ignore[arg-type]


def send(selector: str = "main form[method=post]") -> Act:
    """Send a form as it is, past the browser's own checks, and wait for the answer."""

    def act(page: Page, _places: Mapping[str, str]) -> None:
        form = page.locator(selector).first
        with page.expect_response(lambda response: response.request.method == "POST"):
            form.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
        page.wait_for_load_state("networkidle")

    return act


def fill_and_send(form: str = "main form[method=post]", **fields: str) -> Act:
    """Fill fields by their names, then send their form."""

    def act(page: Page, places: Mapping[str, str]) -> None:
        for name, value in fields.items():
            page.locator(f"{form} [name={name}]").first.fill(value)
        send(form)(page, places)

    return act


def open_menu(selector: str) -> Act:
    """Open a menu or anything that folds."""
    return lambda page, _places: page.locator(f"{selector} > summary").first.click()


def open_palette(page: Page, _places: Mapping[str, str]) -> None:
    """Ask for the command palette, and wait for what it offers."""
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()


def open_bell(page: Page, _places: Mapping[str, str]) -> None:
    """Open the bell, and wait for what it brings."""
    with page.expect_response("**/account/notifications/centre/"):
        page.locator("#bell > summary").click()


def post(path: str, **fields: str) -> Act:
    """Send a form that this page does not have, with its token."""

    def act(page: Page, places: Mapping[str, str]) -> None:
        with page.expect_navigation():
            page.evaluate(
                """([path, fields]) => {
                    const form = document.createElement("form");
                    form.method = "post";
                    form.action = path;
                    const token = document.querySelector("[name=csrfmiddlewaretoken]");
                    if (token) fields.csrfmiddlewaretoken = token.value;
                    for (const [name, value] of Object.entries(fields)) {
                        const field = document.createElement("textarea");
                        field.name = name;
                        field.value = value;
                        form.append(field);
                    }
                    document.body.append(form);
                    form.submit();
                }""",
                [path.format(**places), {name: value.format(**places) for name, value in fields.items()}],
            )

    return act


def sign_in_as(email: str) -> Act:
    """Fill in the sign-in form."""
    return fill_and_send("form[action*=login]", login=email, password="explore-the-portal")
