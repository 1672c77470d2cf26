"""JSON from outside, read strictly: whatever the database or the next reader would stumble over is refused here."""

import json
import math
from collections.abc import Iterable
from typing import Any

DEPTH_LIMIT = 20  # levels of lists and objects


class BadJson(ValueError):  # noqa: N818 - a refusal, told to who sent it
    """The body is not the JSON that is taken here; the message says why."""


def parse(body: bytes, *, depth: int = DEPTH_LIMIT) -> Any:
    """Return what ``body`` (UTF-8) says. Raises ``BadJson``.

    Refused beside broken JSON: NUL, half surrogate pairs, NaN and infinity, numbers of thousands of digits, a key given
    twice (RFC 8259 leaves open which one counts) and more than ``depth`` levels.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadJson("The body is not UTF-8.") from error
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, object_pairs_hook=_once_each)
    except BadJson:
        raise
    except RecursionError as error:
        raise BadJson("The body is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise BadJson(f"The body is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from error
    except ValueError as error:
        raise BadJson("The body holds a number that is too long.") from error
    _check(value, depth)
    return value


def _no_constant(name: str) -> float:
    raise BadJson(f"{name} is no JSON number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson("The body holds a number that is too large.")
    return number


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("An object names the same key twice.")
    return found


def _check(value: Any, depth: int) -> None:
    level: list[Any] = [value]
    for _level in range(depth + 1):
        below: list[Any] = []
        for item in level:
            below.extend(_parts(item))
        if not below:
            return
        level = below
    raise BadJson("The body is nested too deeply.")


def _parts(item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        return [*item.keys(), *item.values()]
    if isinstance(item, list):
        return item
    if isinstance(item, str):
        if "\0" in item:
            raise BadJson("The body holds a NUL character.")
        if any("\ud800" <= character <= "\udfff" for character in item):
            raise BadJson("The body holds half of a surrogate pair.")
    return ()
