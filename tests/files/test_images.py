import io
import struct
import zlib

import pytest
from django.core.files.base import ContentFile
from django.http import Http404
from PIL import Image, PngImagePlugin

from files import images
from files.http import inline_response
from files.images import stage_image
from files.models import Upload
from files.staging import UploadRefused
from tests.factories.accounts import UserFactory
from tests.factories.files import UploadFactory

pytestmark = pytest.mark.django_db


def encoded(image: Image.Image, form: str, **options) -> bytes:
    target = io.BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def picture(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    return image.convert(mode)


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    colour = image.getpixel((x, y))
    assert isinstance(colour, tuple)
    return colour


def staged(content: bytes, name: str = "screen.png") -> tuple[Upload, Image.Image]:
    upload = stage_image(owner=UserFactory(), file=ContentFile(content), name=name)
    upload.refresh_from_db()
    with upload.file.open("rb") as file:
        return upload, Image.open(io.BytesIO(file.read()))


def refusal(content: bytes, name: str = "screen.png") -> str:
    with pytest.raises(UploadRefused) as caught:
        stage_image(owner=UserFactory(), file=ContentFile(content), name=name)
    assert not Upload.objects.exists()
    return caught.value.reason


@pytest.mark.parametrize(
    ("form", "name", "content_type", "made"),
    [
        ("PNG", "image.png", "image/png", "PNG"),
        ("JPEG", "image.jpg", "image/jpeg", "JPEG"),
        ("WEBP", "image.webp", "image/webp", "WEBP"),
        ("GIF", "image.png", "image/png", "PNG"),
    ],
)
def test_picture_gets_a_new_name_and_form_by_its_content(form, name, content_type, made):
    upload, image = staged(encoded(picture(), form), name="what ever.svg")
    assert (upload.name, upload.content_type, upload.state) == (name, content_type, Upload.State.STAGED)
    assert (image.format, image.size) == (made, (40, 20))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode):
    source = Image.new(mode, (10, 10)) if mode in {"LA", "I;16"} else picture(10, 10, mode)
    assert staged(encoded(source, "PNG"))[1].size == (10, 10)


def test_print_colours_become_screen_colours():
    assert staged(encoded(picture(mode="CMYK"), "JPEG"))[1].mode == "RGB"


def test_transparency_stays():
    _upload, image = staged(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 0)), "PNG"))
    assert pixel(image.convert("RGBA"), 0, 0)[3] == 0


def test_photo_is_turned_upright_and_forgets_where_and_when_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    source = encoded(picture(), "JPEG", exif=exif, comment=b"secret comment", icc_profile=b"secret profile")
    assert b"SecretCamera" in source
    upload, image = staged(source)
    assert image.size == (20, 40)
    red, _green, blue = pixel(image, 10, 2)
    assert red > 200 > blue
    assert not image.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    assert b"ecret" not in upload.file.open("rb").read()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_other_formats_forget_as_well(form):
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "secret author")
    exif = Image.Exif()
    exif[0x010F] = "secret camera"
    options = {"pnginfo": notes} if form == "PNG" else {"xmp": b"<secret/>"}
    upload, _image = staged(encoded(picture(), form, exif=exif, icc_profile=b"secret profile", **options))
    assert b"secret" not in upload.file.open("rb").read()


def test_damaged_exif_does_not_spoil_a_picture():
    assert staged(encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff garbage"))[1].size == (40, 20)


def test_what_hid_behind_a_picture_is_gone():
    for form in ("PNG", "JPEG", "GIF"):
        upload, _image = staged(encoded(picture(), form) + b"<script>alert(1)</script>PK\x03\x04")
        assert b"script" not in upload.file.open("rb").read()


def test_large_picture_is_scaled_to_fit():
    assert staged(encoded(Image.new("L", (4800, 1200)), "PNG"))[1].size == (2400, 600)
    assert staged(encoded(Image.new("L", (1000, 5000)), "JPEG"))[1].size == (480, 2400)


def test_small_picture_is_not_enlarged():
    assert staged(encoded(picture(3, 2), "PNG"))[1].size == (3, 2)


def moves(image: Image.Image) -> int:
    return int(getattr(image, "n_frames", 1))


def frames(count: int) -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), ("red", "lime", "blue")[number % 3]) for number in range(count)]


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_moving_picture_moves_on_as_webp(form):
    first, *rest = frames(3)
    source = encoded(first, form, save_all=True, append_images=rest, duration=[200, 300, 400], loop=0)
    upload, image = staged(source)
    assert (upload.name, image.format, moves(image)) == ("image.webp", "WEBP", 3)


def test_long_film_is_cut():
    first, *rest = frames(80)
    assert moves(staged(encoded(first, "GIF", save_all=True, append_images=rest))[1]) == images.MAX_FRAMES


def test_film_of_large_frames_is_cut_to_what_memory_allows(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 8 * 8 * 4)
    first, *rest = frames(10)
    assert moves(staged(encoded(first, "GIF", save_all=True, append_images=rest))[1]) == 4


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "drawing.svg"),
        (b"<!doctype html><script>alert(1)</script>", "screen.png"),
        (b"%PDF-1.7\n", "scan.pdf"),
        (b"BM" + b"\0" * 60, "screen.bmp"),
        (b"MZ\x90\x00", "screen.png"),
        (b"", "screen.png"),
    ],
)
def test_what_is_no_picture_is_refused_kindly(content, name):
    assert refusal(content, name) == f"{name} is not a picture that can be shown here. Use PNG, JPEG, GIF or WebP."


def test_page_behind_a_picture_signature_is_refused():
    assert "damaged" in refusal(b"GIF89a/*<script>alert(1)</script>*/=1")
    assert "damaged" in refusal(b"\x89PNG\r\n\x1a\n<script>alert(1)</script>")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_truncated_picture_is_refused(form):
    source = encoded(Image.effect_noise((200, 200), 90).convert("RGB"), form)
    assert "damaged" in refusal(source[: len(source) // 2])


def bomb(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is and holds no pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6325, 10_000, 60_000])
def test_bomb_is_refused_by_its_header(side, monkeypatch):
    def decode(*_arguments):
        raise AssertionError("the picture was decoded")

    monkeypatch.setattr(images, "_clean", decode)
    assert refusal(bomb(side, side)) == "This picture has more than 40 million pixels. Please make it smaller."


def test_file_over_the_limit_is_refused_before_it_is_read(settings):
    settings.UPLOAD_MAX_BYTES = 100
    assert "larger than 100" in refusal(b"\x89PNG\r\n\x1a\n" + b"x" * 100)


class TestInlineResponse:
    def test_picture_is_shown_and_may_do_nothing(self):
        upload, _image = staged(encoded(picture(), "PNG"))
        response = inline_response(upload)
        assert response["Content-Type"] == "image/png"
        assert response["Content-Disposition"] == 'inline; filename="image.png"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "Cache-Control" not in response
        assert response.getvalue().startswith(b"\x89PNG")

    @pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/pdf", ""])
    def test_anything_else_is_not_there(self, content_type):
        with pytest.raises(Http404):
            inline_response(UploadFactory(content_type=content_type))

    def test_picture_without_bytes_is_not_there(self):
        upload, _image = staged(encoded(picture(), "PNG"))
        upload.file.storage.delete(str(upload.file.name))
        with pytest.raises(Http404):
            inline_response(Upload.objects.get())
