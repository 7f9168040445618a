"""A scheduled sale sets its timers, one that was ended drops or moves them."""

from souk.domains.promotions.actions import time_sale
from souk.domains.promotions.events import SaleTimed
from souk.edge.task import on

handler = on((SaleTimed, time_sale))
