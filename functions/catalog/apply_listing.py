"""The time of a planned listing has come."""

from souk.domains.catalog.actions.listing import apply_listing
from souk.edge.task import task

handler = task(apply_listing)
