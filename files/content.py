"""What a file is, told by its first bytes: the name is only a claim.

A small table instead of a full detector: it names the programs that nobody may upload, and the formats whose
extension people trust (an image, a PDF, an archive). Everything else is passed on as bytes.
Sources: each format's specification; https://en.wikipedia.org/wiki/List_of_file_signatures
"""

from collections.abc import Mapping

HEAD_BYTES = 4096

OCTET_STREAM = "application/octet-stream"

_PROGRAMS: tuple[bytes, ...] = (
    b"MZ",  # Windows and DOS
    b"\x7fELF",  # Linux
    b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",  # macOS
    b"\xca\xfe\xba\xbe", b"\xbe\xba\xfe\xca",  # macOS for several processors; Java class
    b"\x4c\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
    b"dex\n",  # Android
    b"#!", b"\xef\xbb\xbf#!",  # script
)  # fmt: skip

FORBIDDEN_EXTENSIONS = frozenset({
    "apk", "app", "appx", "bat", "cmd", "com", "cpl", "deb", "dll", "dmg", "exe", "gadget", "hta", "jar", "jse", "lnk",
    "msc", "msi", "msix", "msp", "pif", "pkg", "ps1", "psd1", "psm1", "reg", "rpm", "scf", "scr", "sh", "sys", "url",
    "vb", "vbe", "vbs", "ws", "wsc", "wsf", "wsh",
})  # fmt: skip

_SIGNATURES: tuple[tuple[str, bytes], ...] = (
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpeg", b"\xff\xd8\xff"),
    ("gif", b"GIF87a"),
    ("gif", b"GIF89a"),
    ("pdf", b"%PDF-"),
    ("zip", b"PK\x03\x04"),
    ("zip", b"PK\x05\x06"),
    ("gzip", b"\x1f\x8b"),
    ("7z", b"7z\xbc\xaf\x27\x1c"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ\x00"),
    ("rar", b"Rar!\x1a\x07"),
    ("ole", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("tiff", b"II*\x00"),
    ("tiff", b"MM\x00*"),
    ("matroska", b"\x1aE\xdf\xa3"),
)

# What a file with this extension must be. An extension that is not here promises nothing.
_PROMISES: Mapping[str, frozenset[str]] = {
    "png": frozenset({"png"}),
    **{name: frozenset({"jpeg"}) for name in ("jpg", "jpeg")},
    "gif": frozenset({"gif"}),
    "webp": frozenset({"webp"}),
    "bmp": frozenset({"bmp"}),
    **{name: frozenset({"tiff"}) for name in ("tif", "tiff")},
    "pdf": frozenset({"pdf"}),
    **{name: frozenset({"zip"}) for name in ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp")},
    **{name: frozenset({"gzip"}) for name in ("gz", "tgz")},
    "7z": frozenset({"7z"}),
    "bz2": frozenset({"bzip2"}),
    "xz": frozenset({"xz"}),
    "rar": frozenset({"rar"}),
    **{name: frozenset({"iso-media"}) for name in ("mp4", "m4v", "heic", "avif")},
    **{name: frozenset({"matroska"}) for name in ("mkv", "webm")},
    # An empty result: text has no signature, so none of the formats above may be found in it.
    **{name: frozenset({""}) for name in (
        "txt", "log", "md", "csv", "tsv", "json", "ndjson", "xml", "xsd", "wsdl", "yml", "yaml", "ini", "conf",
        "properties", "sql", "html", "htm", "svg", "css", "js",
    )},
}  # fmt: skip

# Types that no browser runs or renders as a page. Whatever is not here is offered as plain bytes.
_SAFE_TYPES: Mapping[str, str] = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "heic": "image/heic", "avif": "image/avif",
    "pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip",
    "7z": "application/x-7z-compressed", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm",
    "txt": "text/plain", "log": "text/plain", "md": "text/plain", "csv": "text/csv", "json": "application/json",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}  # fmt: skip


def is_program(head: bytes) -> bool:
    """Say whether ``head``, a file's first bytes, begins a program or a script."""
    return head.startswith(_PROGRAMS)


def family(head: bytes) -> str:
    """Return the format that ``head`` begins, from the table above; empty when none is recognised."""
    for name, signature in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return "iso-media"
    if head[:2] == b"BM" and len(head) > 14 and head[6:10] == b"\0\0\0\0":
        return "bmp"
    # The specification lets up to 1024 bytes stand before a PDF's header.
    return "pdf" if b"%PDF-" in head[:1024] and b"\0" in head[:1024] else ""


def contradicts(extension: str, head: bytes) -> bool:
    """Say whether a file that begins with ``head`` cannot be what ``extension`` promises."""
    promised = _PROMISES.get(extension)
    return promised is not None and family(head) not in promised


def safe_type(extension: str) -> str:
    """Return the content type to serve a file of this extension with, never one that a browser would run."""
    return _SAFE_TYPES.get(extension, OCTET_STREAM)
