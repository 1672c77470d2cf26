"""``python -m benchmarks``: fill a database of its own once, measure the pages, say which targets are reached."""

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path

from benchmarks import fan_out
from portal import local_servers

CHECKOUT = Path(__file__).resolve().parent.parent
ROUNDS, QUICK_ROUNDS = 60, 5


def main() -> int:
    """Run the benchmark. Returns 1 when a target is missed and ``--strict`` was given, else 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rebuild", action="store_true", help="fill the database anew")
    parser.add_argument("--quick", action="store_true", help="few cases and few requests: proves that it runs")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a target is missed")
    parser.add_argument("--rounds", type=int, help=f"requests of each page ({ROUNDS})")
    parser.add_argument("--skip-fan-out", action="store_true", help="leave out the mails to 100,000 subscribers")
    parser.add_argument("--only", default="", help="measure the pages whose title holds this, and the floors")
    options = parser.parse_args()
    os.chdir(CHECKOUT)
    home = Path(os.environ.get("PORTAL_HOME") or CHECKOUT / "var").resolve()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    os.environ["BENCH_DATABASE"] = "portal_bench_quick" if options.quick else "portal_bench"
    with local_servers.ensure_running(
        home,
        postgres=not os.environ.get("DATABASE_URL"),
        redis=not os.environ.get("REDIS_URL"),
        progress=lambda line: print(line, flush=True),
    ):
        code = run(options)
    if options.only or options.skip_fan_out:
        return code
    # In processes of their own: the one needs no database, the other has its own.
    arguments = ["--strict"] if options.strict else []
    serving = [*arguments, *(["--quick"] if options.quick else [])]
    code = subprocess.run([sys.executable, "-m", "benchmarks.status_serving", *serving], check=False).returncode or code
    arguments += ["--subscribers", str(fan_out.QUICK_SUBSCRIBERS)] if options.quick else []
    return subprocess.run([sys.executable, "-m", "benchmarks.fan_out", *arguments], check=False).returncode or code


def run(options: argparse.Namespace) -> int:
    """Fill and measure, on running servers."""
    import django

    django.setup()
    from benchmarks import database, measuring, relevance, report
    from benchmarks.page import FLOOR
    from benchmarks.pages import pages, people
    from benchmarks.scale import FULL, QUICK

    scale = QUICK if options.quick else FULL
    database.prepare(scale, rebuild=options.rebuild)
    rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    chosen = [page for page in pages() if options.only in page.title or page.title.startswith(FLOOR)]
    print(f"\nMeasuring {len(chosen)} pages, {rounds} requests each.", flush=True)
    results = measuring.measure(chosen, people(), rounds=rounds, progress=lambda line: print(f"  {line}", flush=True))
    print(
        f"\n{scale.cases:,} cases, {scale.comments:,} comments, {scale.topics:,} topics, {scale.posts:,} posts,",
        end=" ",
    )
    print(f"{rounds} requests of each page,", end=" ")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(report.table(results))
    print(f"\n{relevance.report()}")
    missed = report.verdict(results)
    print(f"\n{len(missed)} of {len(results)} pages missed a target." if missed else "\nEvery target is reached.")
    for line in missed:
        print(f"  {line}")
    return 1 if missed and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
