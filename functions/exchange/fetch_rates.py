"""Fetches the rates of exchange of the day."""

from souk.domains.exchange.actions import fetch_rates
from souk.edge.task import task

handler = task(fetch_rates)
