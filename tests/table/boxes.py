"""Small things to keep in the table: a box lies on a shelf, and a shelf is listed in four parts."""

from souk.kernel.shapes import Versioned
from souk.table.entity import Entity, Key
from souk.table.patterns import Pattern


class Box(Versioned):
    box_id: str
    shelf: str | None = "a"
    label: str = ""
    units: int = 0


BOX = Entity(
    "Box",
    main=Key("BOX#{box_id}", "BOX"),
    by={"gsi1": Key("SHELF_OF_BOXES#{shelf}", "{box_id}"), "gsi2": Key("BOXES#{shelf}#{box_id:shard4}", "{box_id}")},
    card=("box_id",),
    numbers=("units",),
)
BOXES = Pattern("Boxes of a shelf, in order", "SHELF_OF_BOXES#{shelf}", index="gsi1", returns=(BOX,))
LAST_BOXES = Pattern("The same, backwards", "SHELF_OF_BOXES#{shelf}", index="gsi1", returns=(BOX,), newest_first=True)
PARTS = Pattern("The same, from four partitions", "BOXES#{shelf}#{shard}", index="gsi2", returns=(BOX,), shards=4)
LAST_PARTS = Pattern(
    "The same, from four partitions, backwards",
    "BOXES#{shelf}#{shard}",
    index="gsi2",
    returns=(BOX,),
    newest_first=True,
    shards=4,
)
