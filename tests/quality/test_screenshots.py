"""Pictures for README are small, and as large as the screen."""

import io

from PIL import Image

from quality.screenshots import smaller


def test_a_picture_keeps_its_size_and_loses_weight() -> None:
    gradient = Image.linear_gradient("L").resize((600, 400)).convert("RGB")
    written = io.BytesIO()
    gradient.save(written, "PNG", compress_level=0)
    less = smaller(written.getvalue())
    assert Image.open(io.BytesIO(less)).size == (600, 400)
    assert len(less) < len(written.getvalue()) / 4
