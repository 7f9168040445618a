"""Whatever may be written to a table and asked of it: examples for two tables that are held to each other."""

from hypothesis import strategies as st

from souk.table.actions import Action, Change, Check, ConditionFailed, Delete, Put
from souk.table.conditions import Absent, AtMost, Condition, Equals, Present, at_least
from souk.table.port import At, Row, Table

Place = tuple[str, str]
Write = tuple[str, Row, tuple[Condition, ...]]
ATS = [(pk, sk) for pk in "pq" for sk in "abc"]
numbers = st.integers(-2, 3)
conditions: st.SearchStrategy[Condition] = st.one_of(
    st.just(Absent()),
    st.just(Present()),
    st.builds(at_least, st.sampled_from(("available", "reserved")), numbers),
    st.builds(AtMost, st.sampled_from(("available", "reserved")), numbers),
    st.builds(Equals, st.just("version"), st.integers(0, 3)),
    st.builds(Equals, st.just("kind"), st.sampled_from("KL")),
)
some = st.lists(conditions, max_size=2).map(tuple)
rows = st.fixed_dictionaries(
    {"kind": st.sampled_from("KL")},
    optional={
        "body": st.sampled_from(("{}", '{"a": 1}')),
        "packed": st.binary(min_size=1, max_size=3),
        "version": st.integers(1, 3),
        "available": numbers,
        "gsi1pk": st.sampled_from("xy"),
        "card": st.just("{}"),
    },
)
writes = st.one_of(
    st.tuples(st.just("put"), rows, some),
    st.tuples(
        st.just("change"),
        st.dictionaries(st.sampled_from(("available", "reserved", "version")), numbers, min_size=1),
        some,
    ),
    st.tuples(st.just("delete"), st.none(), some),
    st.tuples(st.just("check"), st.none(), st.lists(conditions, min_size=1, max_size=2).map(tuple)),
)
transactions = st.dictionaries(st.sampled_from(ATS), writes, min_size=1, max_size=4)
bounds = st.tuples(st.sampled_from(" abc~"), st.sampled_from(" abc~")).map(sorted)
queries = st.tuples(st.sampled_from("pqxy"), bounds, st.booleans(), st.integers(1, 7))


def action(prefix: str, where: tuple[str, str], write: tuple[str, Row, tuple[Condition, ...]]) -> Action:
    verb, said, only_if = write
    at = At(f"{prefix}{where[0]}", where[1])
    match verb:
        case "put":
            row: Row = {"PK": at.pk, "SK": at.sk, **said}
            if "gsi1pk" in row:
                row |= {"gsi1pk": prefix + str(row["gsi1pk"]), "gsi1sk": f"{where[1]}{where[0]}"}
            return Put(row, only_if)
        case "change":
            return Change(at, {name: int(by) for name, by in said.items()}, {"kind": "K"}, only_if)
        case "delete":
            return Delete(at, only_if)
        case _:
            return Check(at, only_if)


def outcome(table: Table, actions: list[Action], token: str) -> Action | None:
    """None where it was written, otherwise the action that stood in the way."""
    try:
        table.write(actions, token)
    except ConditionFailed as failed:
        return failed.action
    return None
