"""How fast the pages are on a full portal: ``make bench``. docs/performance.md holds the last figures."""
