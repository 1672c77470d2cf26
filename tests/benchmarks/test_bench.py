"""The benchmark runs, on few cases: what it measures is not asserted here, only that it can."""

import os
import subprocess
import sys

import pytest

from benchmarks.measuring import Measured
from benchmarks.page import Page
from benchmarks.report import missed, table, verdict


def measured(title: str, *, milliseconds: float, queries: int = 5, against: str = "floor") -> Measured:
    page = Page(title, "desk", "/", against=against, max_queries=15, max_median=3.0, max_p95=10.0)
    return Measured(page, queries=queries, seconds=[milliseconds / 1000] * 20)


def results(*others: Measured) -> list[Measured]:
    return [measured("floor", milliseconds=10), *others]


def test_page_within_its_targets_misses_none() -> None:
    assert verdict(results(measured("queue", milliseconds=29))) == []


def test_each_missed_target_is_named() -> None:
    slow = measured("queue", milliseconds=120, queries=16)
    everything = results(slow)
    assert missed(slow, {result.page.title: result for result in everything}) == ["queries", "p50", "p95"]
    assert verdict(everything) == ["queue: queries, p50, p95"]
    assert "**missed**" in table(everything)


def test_ratio_is_to_the_page_that_it_names() -> None:
    first, deep = measured("page 1", milliseconds=20), measured("page 5,000", milliseconds=62, against="page 1")
    assert verdict(results(first, deep)) == ["page 5,000: p50"]


@pytest.mark.processes
def test_quick_benchmark_fills_measures_and_uses_its_database_again() -> None:
    first, again = (
        subprocess.run(
            [sys.executable, "-m", "benchmarks", "--quick", "--rounds", "2", *extra],
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        for extra in (["--rebuild"], ["--only", "My Cases"])
    )
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Filling the database portal_bench_quick" in first.stdout
    assert "| Queue, all |" in first.stdout
    assert "status served through Django" in first.stdout
    assert "| lost | 0 | 0 | reached |" in first.stdout
    assert "| doubled | 0 | 0 | reached |" in first.stdout
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Using the database portal_bench_quick" in again.stdout
