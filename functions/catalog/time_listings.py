"""A planned listing sets its timers, another plan moves them, a cancelled one drops them."""

from souk.domains.catalog.actions.listing import time_listing
from souk.domains.catalog.events import ListingTimed
from souk.edge.task import on

handler = on((ListingTimed, time_listing))
