"""Pictures that the portal shows in its pages: taken apart and made anew, so that nothing but the picture is left.

What a camera or a program wrote beside it (place, time, device) goes, and so does whatever else hid in the file.
"""

import io
import math
from collections.abc import Iterator

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from files import content
from files.models import Upload
from files.names import safe_name
from files.staging import UploadRefused, stage

MAX_PIXELS = 40_000_000  # of all frames together; four bytes of memory each
MAX_SIDE = 2400  # pixels: a screen's width twice
MAX_FRAMES = 60
JPEG_QUALITY = 85

_FAMILIES = ("png", "jpeg", "gif", "webp")
_ORIENTATION = 0x0112  # the EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_SHORTEST_FRAME = 20  # milliseconds; browsers slow down anything quicker
_USUAL_FRAME = 100


def stage_image(*, owner: User, file: "File[bytes]", name: str) -> Upload:
    """Store the picture in ``file`` for ``owner``, upright, at most ``MAX_SIDE`` pixels wide and high, and made anew.

    PNG, JPEG and WebP stay what they are; a GIF becomes a PNG, or a moving WebP of at most ``MAX_FRAMES`` frames. The
    upload is named ``image`` with the ending of its new format. ``name`` is what the person calls it, for the refusal.
    Raises ``UploadRefused`` for anything that is no such picture, too large or damaged.
    """
    file.seek(0, io.SEEK_END)
    if file.tell() > settings.UPLOAD_MAX_BYTES:
        limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
        raise UploadRefused(_("This picture is larger than %(limit)s.") % {"limit": limit})
    file.seek(0)
    family = content.family(file.read(content.HEAD_BYTES))
    if family not in _FAMILIES:
        raise UploadRefused(
            _("%(name)s is not a picture that can be shown here. Use PNG, JPEG, GIF or WebP.")
            % {"name": safe_name(name)}
        )
    file.seek(0)
    try:
        ending, made = _made_anew(file, family)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UploadRefused(_too_large()) from error
    except UploadRefused:
        raise
    except Exception as error:  # each decoder fails in its own way on a damaged file
        raise UploadRefused(
            _("%(name)s is damaged and cannot be read. Try to save it again.") % {"name": safe_name(name)}
        ) from error
    return stage(owner=owner, file=ContentFile(made), name=f"image.{ending}")


def _made_anew(file: "File[bytes]", family: str) -> tuple[str, bytes]:
    """Return the ending and the bytes of the picture in its new form."""
    # Opening reads the header only, and only by the one decoder whose signature the file has.
    with Image.open(file, formats=[family.upper()]) as image:
        if image.width * image.height > MAX_PIXELS:
            raise UploadRefused(_too_large())
        made = io.BytesIO()
        if family == "jpeg":
            image.draft(None, (MAX_SIDE, MAX_SIDE))
            _clean(image).save(made, "JPEG", quality=JPEG_QUALITY, progressive=True, optimize=True)
            return "jpg", made.getvalue()
        # A moving PNG is left with its first frame.
        frames, durations = _frames(image, limit=1 if family == "png" else MAX_FRAMES)
        if len(frames) == 1 and family != "webp":
            frames[0].save(made, "PNG", optimize=True)
            return "png", made.getvalue()
        moving = {}
        if len(frames) > 1:
            # A GIF without the word plays once; 0 is for ever in both formats.
            loop = image.info.get("loop", 1)
            moving = {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": loop, "method": 2}
        frames[0].save(made, "WEBP", quality=JPEG_QUALITY, **moving)
        return "webp", made.getvalue()


def _frames(image: Image.Image, *, limit: int) -> tuple[list[Image.Image], list[int]]:
    """Return the first frames and how long each is shown, in milliseconds."""
    frames: list[Image.Image] = []
    durations: list[int] = []
    limit = min(limit, max(1, MAX_PIXELS // (image.width * image.height)))
    for _place in _places(image, limit):
        frames.append(_clean(image))
        durations.append(max(_SHORTEST_FRAME, int(image.info.get("duration") or _USUAL_FRAME)))
    return frames, durations


def _places(image: Image.Image, limit: int) -> Iterator[int]:
    yield 0
    for place in range(1, limit):
        try:
            image.seek(place)
        except EOFError:
            return
        yield place


def _clean(image: Image.Image) -> Image.Image:
    """Return the current frame upright, within ``MAX_SIDE``, in a plain mode and with nothing beside its pixels."""
    image.load()
    turn = _TURNS.get(_orientation(image))
    if image.mode.startswith("I"):
        # Sixteen bits of grey: converting cuts off what is above 255.
        plain = image.convert("I").point(lambda value: value / 256).convert("L")
    else:
        plain = image.convert("RGBA" if image.has_transparency_data else "L" if image.mode in {"1", "L"} else "RGB")
    plain.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    if turn is not None:
        plain = plain.transpose(turn)
    # Encoders take the colour profile, the comment and more from here.
    plain.info = {}
    return plain


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - damaged EXIF: the picture itself may be well
        return 1


def _too_large() -> str:
    millions = math.floor(MAX_PIXELS / 1_000_000)
    return _("This picture has more than %(count)s million pixels. Please make it smaller.") % {"count": millions}
