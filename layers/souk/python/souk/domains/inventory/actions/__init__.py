"""What is done with stock, a file for each thing it is done to; these are the parts of other rooms' commands."""

from souk.domains.inventory.actions.stock import hand_out as hand_out
from souk.domains.inventory.actions.stock import move_reservation as move_reservation
from souk.domains.inventory.actions.stock import release as release
from souk.domains.inventory.actions.stock import reserve as reserve
from souk.domains.inventory.actions.stock import sell as sell
from souk.domains.inventory.actions.stock import ship as ship
from souk.domains.inventory.actions.stock import take_back as take_back
from souk.domains.inventory.actions.stock import watch_level as watch_level
