"""What the Data Loader community is known by."""

SLUG = "data-loader"
ERRORS_CATEGORY = "errors"
START_CATEGORY = "start-here"
CODE_MAX_LENGTH = 60
