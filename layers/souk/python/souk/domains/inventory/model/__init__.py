"""The nouns of the room, a file for each; these are the ones that other rooms speak of."""

from souk.domains.inventory.model.stock import InsufficientStock as InsufficientStock
from souk.domains.inventory.model.stock import NotStocked as NotStocked
from souk.domains.inventory.model.stock import Stock as Stock
from souk.domains.inventory.model.stock import StockEntry as StockEntry
from souk.domains.inventory.model.stock import need_known as need_known
from souk.domains.inventory.model.stock import shown as shown
