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
    topics: int
    posts: int  # openings, replies and comments
    forum_comments: int
    long_topic: int  # replies of the longest
    members: int
    tags: int

    @property
    def name(self) -> str:
        """Return what the filled database remembers of how it was filled."""
        return f"v2 {self.cases} cases {self.comments} comments {self.topics} topics {self.posts} posts"


FULL = Scale(
    cases=100_000,
    comments=500_000,
    accounts=2_000,
    big_account_cases=5_000,
    engineers=60,
    topics=200_000,
    posts=1_000_000,
    forum_comments=100_000,
    long_topic=10_000,
    members=20_000,
    tags=300,
)
QUICK = Scale(
    cases=2_000,
    comments=8_000,
    accounts=60,
    big_account_cases=400,
    engineers=12,
    topics=1_000,
    posts=5_000,
    forum_comments=500,
    long_topic=200,
    members=200,
    tags=30,
)
