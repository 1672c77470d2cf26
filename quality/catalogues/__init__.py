"""The translations in ``locale/``: extracted, merged, filled, compiled and checked. docs/languages.md tells how."""
