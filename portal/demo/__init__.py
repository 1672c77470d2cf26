"""The demo: invented customers and half a hundred conversations, played through the portal's own acts.

``people.toml`` holds the cast, ``conversations/`` what they said, one file per subject.
Nothing here runs in production.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent
