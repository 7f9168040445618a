"""Every open order and every open after-sales case gets a fresh workflow."""

from souk.edge.task import task
from souk.flows.restart import restart_lives

handler = task(restart_lives)
