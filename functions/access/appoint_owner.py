"""Makes the first owner, or brings a lost one back: no route leads here, whoever deploys the shop invokes it.

The event is {"email": ..., "name": ..., "password": ...}; repeating it changes nothing but the password.
"""

from souk.domains.access.actions.staff import appoint_owner
from souk.edge.task import task

handler = task(appoint_owner)
