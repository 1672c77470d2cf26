"""What the site's own tests share."""

from tests.portal.world import world

__all__ = ["world"]
