"""Where a member was reached before, it is said that another address has taken its place."""

from souk.domains.members.events import ContactChanged
from souk.edge.task import on
from souk.flows.contact_change import tell_former

handler = on((ContactChanged, tell_former))
