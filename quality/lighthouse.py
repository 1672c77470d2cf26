"""``make lighthouse``: judge the main pages on desktop and phone, print a table, and fail below the marks.

The portal runs as production serves it, with demo data. Times are noisy on a busy machine: each page is judged several
times, and the median counts. The reports, for a browser to open, stay beside the tool.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from quality import lighthouse_tool
from quality.chromium import listening_chromium
from quality.lighthouse_tool import CATEGORIES, Tool
from quality.main_pages import MAIN_PAGES, MainPage
from quality.running import CHECKOUT, Running, running_portal

DESKTOP, MOBILE = "desktop", "mobile"
LEAST = {
    DESKTOP: {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100},
    MOBILE: {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100},
}
METRICS = {
    "FCP": "first-contentful-paint",
    "LCP": "largest-contentful-paint",
    "TBT": "total-blocking-time",
    "CLS": "cumulative-layout-shift",
    "SI": "speed-index",
}
RUNS = 3


@dataclass
class Judged:
    """What became of one page in one form."""

    page: MainPage
    form: str
    reports: list[Mapping[str, Any]] = field(default_factory=list)

    def score(self, category: str) -> int | None:
        """Return the median of a category's scores, or nothing when it was not asked for."""
        scores = [
            report["categories"][category]["score"] for report in self.reports if category in report["categories"]
        ]
        return round(100 * statistics.median(score or 0 for score in scores)) if scores else None

    def missed(self) -> list[str]:
        """Return the categories below their marks."""
        return [
            category
            for category, least in LEAST[self.form].items()
            if (score := self.score(category)) is not None and score < least
        ]

    def metrics(self) -> str:
        """Return the median of each metric, in milliseconds (CLS without a unit)."""
        values = {
            short: statistics.median(report["audits"].get(name, {}).get("numericValue", 0) for report in self.reports)
            for short, name in METRICS.items()
        }
        return "  ".join(
            f"{short} {value:.2f}" if short == "CLS" else f"{short} {value:.0f}" for short, value in values.items()
        )

    def reasons(self) -> Iterator[str]:
        """Say which audits cost points in the categories that were missed."""
        report = self.reports[-1]
        for category in self.missed():
            for part in report["categories"][category]["auditRefs"]:
                audit = report["audits"][part["id"]]
                if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                    yield f"{category}: {audit['title']} ({part['id']}) {audit.get('displayValue', '')}".rstrip()
                    for item in (audit.get("details") or {}).get("items", [])[:5]:
                        node = item.get("node") or {}
                        yield f"    {node.get('snippet') or item.get('description') or item.get('url') or item}"


def main() -> int:
    """Run it. Returns 1 when a page misses a mark."""
    parser = argparse.ArgumentParser(prog="python -m quality.lighthouse", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--runs", type=int, default=RUNS, help=f"runs of each page and form ({RUNS}); the median counts"
    )
    parser.add_argument("--only", default="", help="names of pages, separated by commas")
    parser.add_argument("--form", choices=[DESKTOP, MOBILE], help="one of the two")
    parser.add_argument("--skip-performance", action="store_true", help="judge what does not depend on the machine")
    parser.add_argument("--home", type=Path, help="where the portal's data lies (PORTAL_HOME/quality)")
    parser.add_argument("--port", type=int, help="the portal's port (PORT and 1)")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    base = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
    tool = lighthouse_tool.install(base / "lighthouse")
    wanted = [page for page in MAIN_PAGES if not options.only or page.name in options.only.split(",")]
    forms = [options.form] if options.form else [DESKTOP, MOBILE]
    with running_portal(
        options.home or base / "quality", options.port or int(os.environ.get("PORT") or 8000) + 1
    ) as portal:
        judged = [
            judge(tool, portal, page, form, options, base / "lighthouse" / "reports")
            for page in wanted
            for form in forms
        ]
    return report(judged)


def judge(tool: Tool, portal: Running, page: MainPage, form: str, options: argparse.Namespace, folder: Path) -> Judged:
    """Judge one page in a Chromium that knows its reader."""
    folder.mkdir(parents=True, exist_ok=True)
    categories = [name for name in CATEGORIES if name != "seo" or page.is_public]
    if options.skip_performance:
        categories.remove("performance")
    done = Judged(page, form)
    with listening_chromium() as port:
        if page.role:
            sign_in(port, portal, page.role)
        for number in range(1, options.runs + 1):
            found = tool.run(
                portal.address(page.path),
                port=port,
                is_desktop=form == DESKTOP,
                categories=categories,
                report=folder / f"{page.name}-{form}-{number}",
                keeps_cookies=bool(page.role),
            )
            done.reports.append(found)
    print(line(done), flush=True)
    return done


def sign_in(port: int, portal: Running, role: str) -> None:
    """Give the Chromium on ``port`` the session of this role's person."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        browser.contexts[0].add_cookies([portal.cookie(role)])  # type: ignore[list-item]
        browser.close()


def line(judged: Judged) -> str:
    """Return a row of the table."""
    scores = "  ".join(
        f"{short} {score if score is not None else '-':>3}"
        for category, short in CATEGORIES.items()
        for score in [judged.score(category)]
    )
    mark = "MISS" if judged.missed() else "ok"
    return f"{judged.page.name:<15} {judged.form:<8} {mark:<5} {scores}   {judged.metrics()}"


def report(judged: Sequence[Judged]) -> int:
    """Print what was missed and why; return the exit code."""
    missed = [one for one in judged if one.missed()]
    print(f"\n{len(judged) - len(missed)} of {len(judged)} reach their marks.")
    for one in missed:
        print(f"\n{one.page.name}, {one.form}")
        for reason in one.reasons():
            print(f"  {reason}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
