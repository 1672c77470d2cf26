"""The table and the verdict."""

from collections.abc import Mapping, Sequence

from benchmarks.measuring import Measured


def table(results: Sequence[Measured]) -> str:
    """Return the figures as a Markdown table, a page a line."""
    by_title = {result.page.title: result for result in results}
    lines = [
        "| page | queries | p50 ms | p95 ms | p50 ratio | p95 ratio | target | |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for result in results:
        median, p95 = ratios(result, by_title)
        shortfalls = missed(result, by_title)
        title = f"{result.page.title} ({result.page.note})" if result.page.note else result.page.title
        verdict = "" if not wanted(result) else "**missed**: " + ", ".join(shortfalls) if shortfalls else "reached"
        lines.append(
            f"| {title} | {result.queries} | {result.median:.1f} | {result.p95:.1f} | {median:.2f} | {p95:.2f}"
            f" | {wanted(result)} | {verdict} |"
        )
    return "\n".join(lines)


def verdict(results: Sequence[Measured]) -> list[str]:
    """Return a line for each page that missed a target; none when all were reached."""
    by_title = {result.page.title: result for result in results}
    return [
        f"{result.page.title}: {', '.join(shortfalls)}"
        for result in results
        if (shortfalls := missed(result, by_title))
    ]


def ratios(result: Measured, by_title: Mapping[str, Measured]) -> tuple[float, float]:
    """Return p50 and p95 divided by the p50 of the page it is measured against."""
    against = by_title[result.page.against]
    return result.median / against.median, result.p95 / against.median


def missed(result: Measured, by_title: Mapping[str, Measured]) -> list[str]:
    """Return which of its targets the page missed."""
    page = result.page
    median, p95 = ratios(result, by_title)
    checks = (
        ("queries", result.queries, page.max_queries),
        ("p50", median, page.max_median),
        ("p95", p95, page.max_p95),
    )
    return [name for name, value, limit in checks if limit is not None and value > limit]


def wanted(result: Measured) -> str:
    """Return the page's targets in words."""
    page = result.page
    parts = []
    if page.max_queries is not None:
        parts.append(f"≤ {page.max_queries} queries")
    if page.max_median is not None:
        parts.append(f"p50 ≤ {page.max_median:g}x")
    if page.max_p95 is not None:
        parts.append(f"p95 ≤ {page.max_p95:g}x")
    return ", ".join(parts)
