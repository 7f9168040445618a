"""A planned listing sets its timer, another plan moves it, a cancelled one drops it."""

from souk.domains.catalog.actions import time_listing
from souk.domains.catalog.events import ListingTimed
from souk.edge.task import on

handler = on((ListingTimed, time_listing))
