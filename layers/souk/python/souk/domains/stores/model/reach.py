"""How far a store delivers."""

from typing import Annotated, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from souk.kernel import geo
from souk.kernel.address import GeoPoint
from souk.kernel.shapes import Noun


class Reach(Noun):
    """Within so many metres round the store, or within an area: the boundary is in.

    An area's edges are straight in degrees and go the shorter way round the globe. It may lie across the 180th
    meridian, but neither hold a pole nor cross itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metres: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] | None = None
    area: Annotated[list[GeoPoint], Field(min_length=3, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.metres is None) == (self.area is None):
            raise ValueError("needs either metres or area")
        return self

    def holds(self, point: GeoPoint, centre: GeoPoint) -> bool:
        if self.metres is not None:
            return geo.distance_metres(centre, point) <= self.metres
        return geo.is_within(point, geo.ring_of(self.area or []))

    def cells(self, centre: GeoPoint) -> list[str]:
        """The cells of the map that it lies in, a few of a fitting size."""
        if self.metres is not None:
            return geo.covering(geo.box_around(centre, self.metres))
        return geo.covering(geo.box_of(geo.ring_of(self.area or [])))


def _drawn_well(reach: Reach) -> Reach:
    if reach.area is not None:
        geo.need_area(reach.area)
    return reach


# As it comes in; what is kept was looked at then, and is read a hundred stores at a time.
DrawnReach = Annotated[Reach, AfterValidator(_drawn_well)]
