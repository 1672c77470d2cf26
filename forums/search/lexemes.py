"""What counts as a word: PostgreSQL's lexemes, and whole codes that its parser takes apart.

``UNABLE_TO_LOCK_ROW`` is to PostgreSQL the words *unable*, *lock* and *row*; somebody who pastes it means all of it.
Codes are kept beside their parts, in small letters, when a text is indexed and when it is searched for.
"""

import re

# UNABLE_TO_LOCK_ROW, External_Id__c, orders.csv, 62.0.1, and numbers of cases.
_CODE = r"[[:alnum:]]+(?:[._]+[[:alnum:]]+)+|[Cc][Ss]-[0-9]{1,9}"
MAX_LENGTH = 80  # characters; what is longer is no word that anybody types

_WHOLE = re.compile(r"[^\W_]+(?:[._]+[^\W_]+)+|cs-[0-9]{1,9}")


def is_code(lexeme: str) -> bool:
    """Say whether a lexeme is a code as a whole."""
    return _WHOLE.fullmatch(lexeme) is not None


def words(config: str, text: str) -> str:
    """Return SQL that yields ``lexeme`` and ``tf`` (how often it stands there) of the SQL expression ``text``."""
    return f"""
        SELECT lexeme, max(tf) AS tf FROM (
            SELECT lexeme, cardinality(positions) AS tf FROM unnest(to_tsvector({config}::regconfig, {text}))
            UNION ALL
            SELECT lower(found[1]), count(*) FROM regexp_matches({text}, '{_CODE}', 'g') found GROUP BY 1
        ) lexemes
        WHERE length(lexeme) <= {MAX_LENGTH} GROUP BY lexeme
    """


def vector(config: str, title: str, text: str) -> str:
    """Return SQL of the search vector of a post: its title, if it has one, has the weight A, its text D."""
    return (
        f"(setweight(to_tsvector({config}::regconfig, {title}), 'A') || to_tsvector({config}::regconfig, {text})"
        f" || {_codes(title, 'A')} || {_codes(text, 'D')})"
    )


def _codes(text: str, weight: str) -> str:
    # What has neither an underscore nor a hyphen (orders.csv, 62.0.1) is whole in PostgreSQL's eyes as well. The
    # pattern lets no sign through that would have to be quoted.
    return f"""COALESCE((
        SELECT string_agg(DISTINCT lower(found[1]) || ':1{weight}', ' ')
        FROM regexp_matches({text}, '{_CODE}', 'g') found
        WHERE found[1] ~ '[_-]' AND length(found[1]) <= {MAX_LENGTH}
    ), '')::tsvector"""
