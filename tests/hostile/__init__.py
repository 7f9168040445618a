"""Requests that must be answered right: bad, forged and odd ones, each by the number of its row in rows.tsv."""
