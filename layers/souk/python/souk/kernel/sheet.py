"""A table that is taken away as a file."""

from souk.kernel.shapes import Noun


class Sheet(Noun):
    """A file: `content` is CSV (RFC 4180), with the mark by which Excel knows UTF-8."""

    name: str
    content_type: str = "text/csv"
    content: str
