"""The review: what staff and the buyer say to each other before a case is decided."""

from souk.domains.aftersales.model.wish import Remark
from souk.kernel.shapes import Input


class Said(Input):
    """A question of the staff, the buyer's answer to it, or why a request is rejected."""

    text: Remark
