"""How much the benchmark's database holds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers of rows. The first account is the big one."""

    cases: int
    comments: int
    accounts: int
    big_account_cases: int
    engineers: int

    @property
    def name(self) -> str:
        """Return what the filled database remembers of how it was filled."""
        return f"v1 {self.cases} cases {self.comments} comments"


FULL = Scale(cases=100_000, comments=500_000, accounts=2_000, big_account_cases=5_000, engineers=60)
QUICK = Scale(cases=2_000, comments=8_000, accounts=60, big_account_cases=400, engineers=12)
