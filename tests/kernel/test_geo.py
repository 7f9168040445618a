"""Distances, areas and the map: right at the poles, across the 180th meridian and on every boundary."""

import math
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from souk.kernel import geo
from souk.kernel.address import GeoPoint

MICRO = 1_000_000
EDGES = (-180, -179, -90, -1, 0, 1, 45, 90, 179, 180)


def at(latitude: float, longitude: float) -> GeoPoint:
    return GeoPoint(latitude_micro=round(latitude * MICRO), longitude_micro=round(longitude * MICRO))


def degrees(most: int) -> st.SearchStrategy[int]:
    near = st.builds(lambda edge, aside: edge * MICRO + aside, st.sampled_from(EDGES), st.integers(-5000, 5000))
    return st.one_of(st.integers(-most * MICRO, most * MICRO), near.filter(lambda one: abs(one) <= most * MICRO))


POINTS = st.builds(lambda y, x: GeoPoint(latitude_micro=y, longitude_micro=x), degrees(90), degrees(180))


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        (at(38.7139, -9.1394), at(41.1496, -8.6110), 274_540),  # Lisboa, Porto
        (at(0, 179.5), at(0, -179.5), 111_195),
        (at(90, 0), at(90, 120), 0),
        (at(-90, 0), at(90, 0), 20_015_115),
        (at(38.7139, -9.1394), at(38.7139, -9.1394), 0),
    ],
)
def test_a_distance_is_that_of_the_great_circle(one: GeoPoint, other: GeoPoint, metres: int) -> None:
    assert abs(geo.distance_metres(one, other) - metres) <= metres // 1000
    assert geo.distance_metres(one, other) == geo.distance_metres(other, one)


# A field like a C, open to the east.
FIELD = [(0, 0), (0, 4), (1, 4), (1, 1), (3, 1), (3, 4), (4, 4), (4, 0)]


@pytest.mark.capability("STO-04")
@pytest.mark.parametrize("east_by", [0, 90, 176, 178, 180, -179])
@pytest.mark.parametrize("around", [1, -1])
def test_an_area_holds_its_inside_and_its_boundary_wherever_on_the_globe_it_lies(east_by: int, around: int) -> None:
    def there(latitude: float, longitude: float) -> GeoPoint:
        return at(latitude, (longitude + east_by + 180) % 360 - 180)

    area = [there(*corner) for corner in FIELD[::around]]
    geo.need_area(area)
    ring = geo.ring_of(area)
    inside = [(0.5, 0.5), (2, 0.5), (3.5, 3.999999), (0.000001, 2)]
    boundary = [*FIELD, (0, 2), (2, 0), (1, 1.5), (2, 1), (4, 0.000001)]
    outside = [(2, 1.000001), (2, 3), (-0.000001, 2), (4.000001, 2), (2, -0.000001), (0.5, 4.000001), (90, 0)]
    assert [point for point in inside + boundary if not geo.is_within(there(*point), ring)] == []
    assert [point for point in outside if geo.is_within(there(*point), ring)] == []


@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=3, max_size=9), st.data())
def test_an_area_holds_what_the_turns_of_its_boundary_go_round(
    corners: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Against the winding number, summed from angles in another way."""
    area = [at(y, x) for y, x in corners]
    try:
        geo.need_area(area)
    except ValueError:
        assume(False)
    y, x = data.draw(st.tuples(st.integers(-61, 61), st.integers(-61, 61)))
    turned, on_boundary = 0.0, False
    for (y1, x1), (y2, x2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (x1 - x) * (y2 - y) - (x2 - x) * (y1 - y)
        dot = (x1 - x) * (x2 - x) + (y1 - y) * (y2 - y)
        on_boundary |= cross == 0 and dot <= 0
        turned += math.atan2(cross, dot)
    assert geo.is_within(at(y, x), geo.ring_of(area)) is (on_boundary or abs(turned) > 1)


@pytest.mark.capability("STO-04")
@pytest.mark.parametrize(
    ("corners", "why"),
    [
        ([(0, 0), (0, 1)], "fewer than three"),
        ([(0, 0), (0, 1), (0, 0)], "fewer than three"),
        ([(0, 0), (0, 1), (0, 2)], "crosses itself"),  # a line
        ([(0, 0), (0, 2), (0, 1), (1, 1)], "crosses itself"),  # runs back over itself
        ([(0, 0), (2, 2), (2, 0), (0, 2)], "crosses itself"),  # an eight
        ([(0, 0), (0, 4), (2, 2), (4, 4), (4, 0), (2, 2)], "a corner twice"),  # touches itself in a corner
        ([(0, 0), (0, 4), (4, 4), (0, 2), (4, 0)], "crosses itself"),  # touches itself on an edge
        ([(80, 0), (80, 120), (80, -120)], "round a pole"),
        ([(0, 0), (0, 180), (1, 90)], "edge half round the globe"),
        ([*((y, x) for y, way in ((0, 1), (9, -1)) for x in (0, 100, -160, -60, 40)[::way])], "goes round the globe"),
        ([(1, 179), (-1, -179), (-1, 179), (1, -179)], "crosses itself"),  # an eight on the meridian
    ],
)
def test_what_is_no_area_is_refused(corners: list[tuple[int, int]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        geo.need_area([at(*corner) for corner in corners])


@given(POINTS, st.one_of(st.integers(1, 30_000), st.integers(1, 1_000_000)), st.floats(0, 2 * math.pi), st.floats(0, 1))
@example(at(89.999, 0), 5000, 3.0, 1.0)
@example(at(-17, 179.99), 5000, 1.57, 1.0)
def test_whoever_is_within_a_circle_is_in_one_of_the_cells_that_cover_it(
    centre: GeoPoint, metres: int, bearing: float, share: float
) -> None:
    point = beyond(centre, metres * share, bearing)
    assume(geo.distance_metres(centre, point) <= metres)
    cells = geo.covering(geo.box_around(centre, metres))
    assert len(cells) <= 16 and set(cells) & set(geo.cells_above(point))


def beyond(start: GeoPoint, metres: float, bearing: float) -> GeoPoint:
    """Where one arrives (E. Williams, Aviation Formulary)."""
    phi, angle = math.radians(start.latitude_micro / MICRO), metres / 6_371_008.8
    psi = math.asin(math.sin(phi) * math.cos(angle) + math.cos(phi) * math.sin(angle) * math.cos(bearing))
    y, x = math.sin(bearing) * math.sin(angle) * math.cos(phi), math.cos(angle) - math.sin(phi) * math.sin(psi)
    east = start.longitude_micro / MICRO + math.degrees(math.atan2(y, x))
    return at(math.degrees(psi), (east + 180) % 360 - 180)


@pytest.mark.capability("STO-12")
@given(
    st.lists(POINTS, min_size=1, max_size=60),
    st.one_of(POINTS, st.none()),
    st.integers(1, 12),
    st.integers(1, 6),
)
def test_the_nearest_are_those_that_a_look_at_all_would_find(
    places: list[GeoPoint], centre: GeoPoint | None, limit: int, crowd: int
) -> None:
    """At the poles, across the 180th meridian, at the borders of cells, and where many stand on one spot."""
    named = {f"s{number:02}": place for number, place in enumerate(places)}
    point = centre or places[0]
    wanted = sorted((geo.distance_metres(point, place), name) for name, place in named.items())[:limit]
    assert geo.nearest(point, limit, Map(named, crowd)) == wanted


class Map:
    """Who lies in a cell, unless it is a crowd."""

    def __init__(self, named: dict[str, GeoPoint], crowd: int) -> None:
        self.cells = sorted((geo.cell_of(place), name, place) for name, place in named.items())
        self.crowd, self.asked = crowd, 0

    def __call__(self, cell: str) -> Iterable[tuple[str, GeoPoint]] | None:
        self.asked += 1
        found = [(name, place) for at, name, place in self.cells if at.startswith(cell)]
        return found if len(found) <= self.crowd or len(cell) > geo.FINEST else None


def test_far_more_stores_take_hardly_more_questions() -> None:
    chance = Random(1)
    questions = []
    for number in (1_000, 10_000, 30_000):
        country = {f"s{n}": at(chance.uniform(42, 51), chance.uniform(-4, 8)) for n in range(number)}
        asked = []
        for _ in range(20):
            there = Map(country, crowd=100)
            geo.nearest(at(chance.uniform(42, 51), chance.uniform(-4, 8)), 20, there)
            asked.append(there.asked)
        questions.append(sorted(asked)[-2])
    assert max(questions) < 2 * min(questions) and max(questions) <= 40, questions
