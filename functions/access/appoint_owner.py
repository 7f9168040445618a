"""Makes the first owner, or brings a lost one back: no route leads here, whoever deploys the shop invokes it.

The event is {"email": ..., "name": ..., "password": ...}; repeating it sets the password and voids every token.
"""

from souk.domains.access.actions.staff import appoint_owner
from souk.edge.task import task

handler = task(appoint_owner)
