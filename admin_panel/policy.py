"""The content policy of the admin's pages."""

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE

# What the theme can't do without: its Alpine compiles the expressions in its attributes, and
# sets a style attribute on the bar of actions. Scripts still come from here only, and none is
# inside a page; nor is a style sheet.
CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src-attr": [UNSAFE_INLINE],
}
