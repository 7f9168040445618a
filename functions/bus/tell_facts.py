"""What the table's stream says of facts goes on to the bus."""

from souk.edge.outbox import tell_fact
from souk.edge.task import stream

handler = stream(tell_fact)
