"""Places on the globe: how far apart they are, what lies within an area, and the cells of the map.

Areas are decided in integers (millionths of a degree), so that a boundary is exact. Distances are of a sphere with the
Earth's mean radius, to the whole metre: on the ellipsoid they differ by half a percent at most.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from heapq import heappop, heappush
from itertools import combinations, pairwise
from typing import NamedTuple

from souk.kernel.address import GeoPoint

_MICRO = 1_000_000
_HALF, _ROUND = 180 * _MICRO, 360 * _MICRO
_RADIUS = 6_371_008.8  # metres: the mean radius of the IUGG
WORLD = "w"
FINEST = 12  # digits: a cell of a metre
_WIDEST, _NARROWEST, _MOST_CELLS = 1, 6, 16

DEGREES = (
    r"^-?(?:90(?:\.0{1,6})?|[0-8]?[0-9](?:\.[0-9]{1,6})?),"
    r"-?(?:180(?:\.0{1,6})?|(?:1[0-7][0-9]|[0-9]{1,2})(?:\.[0-9]{1,6})?)$"
)

Corner = tuple[int, int]  # longitude and latitude in a plane: longitudes run on beyond the 180th meridian


class Box(NamedTuple):
    """Between two parallels and two meridians, in millionths of a degree; `east` may lie beyond the 180th."""

    south: float
    west: float
    north: float
    east: float


def point_of(degrees: str) -> GeoPoint:
    """From latitude and longitude as `DEGREES` writes them."""
    latitude, longitude = (int(Decimal(one) * _MICRO) for one in degrees.split(","))
    return GeoPoint(latitude_micro=latitude, longitude_micro=longitude)


def distance_metres(one: GeoPoint, other: GeoPoint) -> int:
    return round(_great_circle(one.latitude_micro, one.longitude_micro, other.latitude_micro, other.longitude_micro))


def _great_circle(south: float, west: float, north: float, east: float) -> float:
    """The haversine formula (R. W. Sinnott, Virtues of the Haversine, 1984): exact for near points too."""
    phi, psi = _radians(south), _radians(north)
    half = math.sin((psi - phi) / 2) ** 2 + math.cos(phi) * math.cos(psi) * math.sin(_radians(east - west) / 2) ** 2
    return 2 * _RADIUS * math.asin(math.sqrt(min(1.0, half)))


def _radians(micro: float) -> float:
    return math.radians(micro / _MICRO)


# -- areas
def ring_of(points: Sequence[GeoPoint]) -> list[Corner]:
    """The corners of an area in a plane, where each edge goes the shorter way round the globe.

    As in GeoJSON (RFC 7946, 3.1.1) an edge is straight in degrees, and the first corner may be repeated as the last.
    """
    corners = points[:-1] if points[0] == points[-1] else points
    x, ring = corners[0].longitude_micro, list[Corner]()
    for before, point in pairwise((corners[0], *corners)):
        x += _step(before, point)
        ring.append((x, point.latitude_micro))
    return ring


def need_area(points: Sequence[GeoPoint]) -> None:
    """ValueError where they go round nothing, or round something twice."""
    ring = ring_of(points)
    if len(set(ring)) < max(3, len(ring)):
        raise ValueError("has a corner twice, or fewer than three")
    steps = [_step(one, next_one) for one, next_one in pairwise((*points, points[0]))]
    if -_HALF in steps:
        raise ValueError("has an edge half round the globe")
    if sum(steps):
        raise ValueError("goes round a pole")
    box = box_of(ring)
    if box.east - box.west >= _ROUND:
        raise ValueError("goes round the globe")
    if _crosses_itself(ring):
        raise ValueError("crosses itself")


def _step(one: GeoPoint, other: GeoPoint) -> int:
    """How far to the east, the shorter way."""
    return (other.longitude_micro - one.longitude_micro + _HALF) % _ROUND - _HALF


def _crosses_itself(ring: Sequence[Corner]) -> bool:
    edges = [*pairwise((*ring, ring[0]))]
    for (a, b), (c, d) in combinations(edges, 2):
        if b == c or d == a:  # neighbours share a corner, and must not run back over each other
            first, shared, last = (a, b, d) if b == c else (c, a, b)
            if _is_on(last, first, shared) or _is_on(first, shared, last):
                return True
        elif _touch(a, b, c, d):
            return True
    return False


def _touch(a: Corner, b: Corner, c: Corner, d: Corner) -> bool:
    """Whether two segments share a point (Cormen et al., Introduction to Algorithms, section 33.1)."""
    if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
        return True
    return _is_on(c, a, b) or _is_on(d, a, b) or _is_on(a, c, d) or _is_on(b, c, d)


def _side(a: Corner, b: Corner, point: Corner) -> int:
    """Positive to the left of the line from a to b, 0 on it."""
    return (b[0] - a[0]) * (point[1] - a[1]) - (point[0] - a[0]) * (b[1] - a[1])


def _is_on(point: Corner, a: Corner, b: Corner) -> bool:
    (x, y), (west, east), (south, north) = point, sorted((a[0], b[0])), sorted((a[1], b[1]))
    return west <= x <= east and south <= y <= north and _side(a, b, point) == 0


def is_within(point: GeoPoint, ring: Sequence[Corner]) -> bool:
    """The boundary is in."""
    turns = (point.longitude_micro + turn for turn in (-_ROUND, 0, _ROUND))
    return any(_is_within((x, point.latitude_micro), ring) for x in turns)


def _is_within(point: Corner, ring: Sequence[Corner]) -> bool:
    """By the edges that a ray to the east crosses (W. R. Franklin, PNPOLY)."""
    inside = False
    for a, b in pairwise((*ring, ring[0])):
        if _is_on(point, a, b):
            return True
        if (a[1] > point[1]) != (b[1] > point[1]) and (_side(a, b, point) > 0) == (b[1] > a[1]):
            inside = not inside
    return inside


# -- boxes round areas
def box_of(ring: Sequence[Corner]) -> Box:
    longitudes, latitudes = zip(*ring, strict=True)
    return Box(min(latitudes), min(longitudes), max(latitudes), max(longitudes))


def box_around(centre: GeoPoint, metres: int) -> Box:
    """Round a circle (J. P. Matuschek, Bounding Coordinates); one that holds a pole has every longitude."""
    angle = (metres + 1) / _RADIUS
    phi, reach = _radians(centre.latitude_micro), math.degrees(angle) * _MICRO
    south, north = centre.latitude_micro - reach, centre.latitude_micro + reach
    if abs(phi) + angle >= math.pi / 2:
        return Box(max(south, -_HALF / 2), -_HALF, min(north, _HALF / 2), _HALF)
    aside = math.degrees(math.asin(math.sin(angle) / math.cos(phi))) * _MICRO
    return Box(south, centre.longitude_micro - aside, north, centre.longitude_micro + aside)


# -- cells
def cell_of(point: GeoPoint, digits: int = FINEST) -> str:
    """Where it lies: each digit names one of sixteen parts, four by four, of the cell that the digits before it name.

    So a cell is a prefix, and all that lies in it stands together in the order of the cells (G. M. Morton, 1966).
    """
    return _cell(_row(point.latitude_micro, digits), _column(point.longitude_micro, digits), digits)


def cells_above(point: GeoPoint) -> list[str]:
    """Every cell round the point of a size that `covering` chooses from."""
    return [cell_of(point, digits) for digits in range(_WIDEST, _NARROWEST + 1)]


def covering(box: Box) -> list[str]:
    """The smallest cells, all of one size, of which sixteen at most hold the box."""
    for digits in range(_NARROWEST, _WIDEST - 1, -1):
        rows = range(_row(box.south, digits), _row(box.north, digits) + 1)
        first, last = (math.floor((x + _HALF) * 4**digits / _ROUND) for x in (box.west, box.east))
        columns = range(first, min(last, first + 4**digits - 1) + 1)
        if len(rows) * len(columns) <= _MOST_CELLS:
            break
    return [_cell(row, column % 4**digits, digits) for row in rows for column in columns]


def _row(latitude: float, digits: int) -> int:
    parts = int(4**digits)
    return min(math.floor((latitude + _HALF // 2) * parts / _HALF), parts - 1)


def _column(longitude: float, digits: int) -> int:
    """The 180th meridian is one, whichever way it was reached."""
    parts = int(4**digits)
    return math.floor((longitude + _HALF) * parts / _ROUND) % parts


def _cell(row: int, column: int, digits: int) -> str:
    shifts = range(2 * (digits - 1), -1, -2)
    return WORLD + "".join(f"{(row >> shift & 3) << 2 | column >> shift & 3:x}" for shift in shifts)


def _box_of_cell(cell: str) -> Box:
    row = column = 0
    for digit in cell[1:]:
        row, column = row << 2 | int(digit, 16) >> 2, column << 2 | int(digit, 16) & 3
    height, width = _HALF / 4 ** (len(cell) - 1), _ROUND / 4 ** (len(cell) - 1)
    south, west = row * height - _HALF / 2, column * width - _HALF
    return Box(south, west, south + height, west + width)


def _metres_to(box: Box, point: GeoPoint) -> float:
    """To the nearest point of the box, never too much (as `S2LatLngRect.GetDistance`, s2geometry.io).

    Where the point's own meridian does not meet the box, the nearest lies on one of its two meridians.
    """
    latitude, longitude = point.latitude_micro, point.longitude_micro
    if box.west <= longitude <= box.east:
        return max(0.0, _radians(max(box.south - latitude, latitude - box.north)) * _RADIUS - 1)
    found = []
    for side in (box.west, box.east):
        phi, aside = _radians(latitude), _radians(side - longitude)
        nearest = math.degrees(math.atan2(math.sin(phi), math.cos(phi) * math.cos(aside))) * _MICRO
        there = [box.south, box.north, *([nearest] if box.south < nearest < box.north else [])]
        found += [_great_circle(latitude, longitude, one, side) for one in there]
    return max(0.0, min(found) - 1)


def nearest(
    point: GeoPoint, limit: int, ask: Callable[[str], Iterable[tuple[str, GeoPoint]] | None]
) -> list[tuple[int, str]]:
    """The nearest names with their distance in metres, nearest first; of equals the first by name.

    `ask` answers who lies in a cell, and where; or None where that are too many, so that its parts are asked, the
    nearest first (G. R. Hjaltason and H. Samet, Distance Browsing in Spatial Databases, 1999).
    """
    cells: list[tuple[float, str]] = [(0.0, WORLD)]
    found: list[tuple[int, str]] = []
    while cells:
        away, cell = heappop(cells)
        if len(found) >= limit and away > found[limit - 1][0]:
            break
        there = ask(cell)
        if there is None:
            for part in (f"{cell}{digit:x}" for digit in range(16)):
                heappush(cells, (_metres_to(_box_of_cell(part), point), part))
        else:
            found = sorted([*found, *((distance_metres(point, at), name) for name, at in there)])
    return found[:limit]
