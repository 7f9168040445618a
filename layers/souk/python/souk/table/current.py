"""Which table this process works on."""

from souk.table.port import Table

_table: Table | None = None


def table() -> Table:
    """The table in use; DynamoDB unless another one was put in its place."""
    global _table
    if _table is None:
        from souk.table.dynamo import DynamoTable

        _table = DynamoTable()
    return _table


def use(table: Table | None) -> None:
    """Puts another table in place (tests, simulation); None means DynamoDB, connected anew."""
    global _table
    _table = table
