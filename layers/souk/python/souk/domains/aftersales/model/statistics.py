"""What the log of cases tells of a period: how many and how much, how content buyers are, and which steps are slow."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from souk.domains.aftersales.model.lifecycle import ENDS, WAITING
from souk.domains.aftersales.model.record import CaseRecord
from souk.kernel import money
from souk.kernel.shapes import Noun

MOST_SLOW = 100
_SECOND = timedelta(seconds=1)


class CaseSum(Noun):
    """What was asked for in a currency, and what of it was refunded."""

    currency: str
    asked_minor: int
    refunded_minor: int


class CaseStatistics(Noun):
    """Of cases opened in the period. Each key of a count is a filter of the log, which then lists as many."""

    cases: int
    units: int
    late: int
    assisted: int
    by_status: dict[str, int]
    by_reason: dict[str, int]
    by_store: dict[str, int]
    sums: list[CaseSum]


class Satisfaction(Noun):
    """`average_hundredths` is of stars: 450 are four and a half; null where nothing is rated."""

    name: str
    rated: int
    average_hundredths: int | None
    distribution: dict[int, int]


class SatisfactionReport(Noun):
    total: Satisfaction
    by_agent: list[Satisfaction]
    by_store: list[Satisfaction]


class StepFigures(Noun):
    """How long cases stood in a status: of those that have left it, and how many took or have taken too long."""

    status: str
    passed: int
    median_seconds: int | None
    p90_seconds: int | None
    limit_seconds: int | None
    over_limit: int


class SlowStep(Noun):
    """A case that stood in a status for too long, or still does: then `until` is null."""

    case_id: str
    order_number: str
    store_id: str
    status: str
    since: datetime
    until: datetime | None
    seconds: int


class StepReport(Noun):
    """The longest of the slow ones are listed."""

    steps: list[StepFigures]
    slow: list[SlowStep]


def statistics(records: Sequence[CaseRecord]) -> CaseStatistics:
    asked, refunded = Counter[str](), Counter[str]()
    for record in records:
        asked[record.currency] += record.amount_minor if record.asked_minor is None else record.asked_minor
        refunded[record.currency] += record.amount_minor if record.status == "refunded" else 0
    return CaseStatistics(
        cases=len(records),
        units=sum(record.units for record in records),
        late=sum(record.is_late for record in records),
        assisted=sum(record.assisted_by is not None for record in records),
        by_status=_counted(record.status for record in records),
        by_reason=_counted(record.reason for record in records),
        by_store=_counted(record.store_id for record in records),
        sums=[
            CaseSum(currency=currency, asked_minor=asked[currency], refunded_minor=refunded[currency])
            for currency in sorted(asked)
        ],
    )


def satisfaction(records: Sequence[CaseRecord]) -> SatisfactionReport:
    stars, agents, stores = list[int](), defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for record in records:
        if record.stars is not None:
            stars.append(record.stars)
            agents[record.handled_by or ""].append(record.stars)
            stores[record.store_id].append(record.stars)
    return SatisfactionReport(
        total=_satisfaction("all", stars),
        by_agent=[_satisfaction(name, given) for name, given in sorted(agents.items())],
        by_store=[_satisfaction(name, given) for name, given in sorted(stores.items())],
    )


def steps(records: Iterable[CaseRecord], limits: Mapping[str, timedelta], now: datetime) -> StepReport:
    """`limits` are those of the waiting steps of the workflow."""
    allowed = {status: limits[step] for step in limits for status in WAITING[step]}
    stands = [stand for record in records for stand in _stands(record, now)]
    slow = [one for one in stands if one.status in allowed and one.seconds * _SECOND > allowed[one.status]]
    figures = [
        _figures(status, [one for one in stands if one.status == status], allowed.get(status), slow)
        for status in dict.fromkeys(one.status for one in stands)
    ]
    return StepReport(steps=figures, slow=sorted(slow, key=lambda one: (-one.seconds, one.case_id))[:MOST_SLOW])


def percentile(values: Sequence[int], percent: int) -> int | None:
    """By nearest rank: the smallest that so many percent of them do not exceed."""
    rank = -(-percent * len(values) // 100)
    return sorted(values)[rank - 1] if values else None


def median(values: Sequence[int]) -> int | None:
    """Of an even number the mean of the two in the middle."""
    if not values:
        return None
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) // 2


def _figures(status: str, stands: Sequence[SlowStep], limit: timedelta | None, slow: Sequence[SlowStep]) -> StepFigures:
    took = [one.seconds for one in stands if one.until]
    return StepFigures(
        status=status,
        passed=len(took),
        median_seconds=median(took),
        p90_seconds=percentile(took, 90),
        limit_seconds=None if limit is None else limit // _SECOND,
        over_limit=sum(one.status == status for one in slow),
    )


def _stands(record: CaseRecord, now: datetime) -> Iterator[SlowStep]:
    """Each time that it stood somewhere and waited; what was passed at once, as what is approved is, is no step."""
    ends = [passage.at for passage in record.passages[1:]]
    for passage, until in zip(record.passages, [*ends, None], strict=True):
        is_over = until is None and passage.status in ENDS
        if until != passage.at and not is_over:
            yield SlowStep(
                case_id=record.case_id,
                order_number=record.order_number,
                store_id=record.store_id,
                status=passage.status,
                since=passage.at,
                until=until,
                seconds=((until or now) - passage.at) // _SECOND,
            )


def _satisfaction(name: str, stars: Sequence[int]) -> Satisfaction:
    counted = Counter(stars)
    return Satisfaction(
        name=name,
        rated=len(stars),
        average_hundredths=money.divide(100 * sum(stars), len(stars)) if stars else None,
        distribution={star: counted[star] for star in range(1, 6)},
    )


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
