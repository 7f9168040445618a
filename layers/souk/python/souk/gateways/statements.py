"""A bank's statement as a spreadsheet saves it (CSV): a line for each booking, its columns by their names."""

import io
from collections.abc import Iterator, Mapping

from souk.gateways.spreadsheets import UnreadableFile, rows
from souk.kernel import money
from souk.kernel.errors import Refused

REQUIRED = ("bank_reference", "received_on", "amount", "currency")
OPTIONAL = ("text", "payer", "payer_account")


class WrongStatement(Refused):
    title = "The statement has not the columns that it must have"


def read(text: str) -> Iterator[tuple[int, Mapping[str, object]]]:
    """By line number what came in; what went out is passed over. WrongStatement where a line is not as it must be."""
    lines = rows(io.BytesIO(text.encode()), "csv")
    header = next(lines, None)
    names = tuple(cell.strip().lower() for cell in header.cells) if header else ()
    if not {*REQUIRED} <= {*names} or len({*names}) < len(names):
        raise WrongStatement(f"The columns {', '.join(REQUIRED)} must be there, each once", columns=[*REQUIRED])
    for row in lines:
        if row.fault:
            raise UnreadableFile(f"Row {row.number}: {row.fault}")
        cells = {name: cell.strip() for name, cell in zip(names, row.cells, strict=True) if name in REQUIRED + OPTIONAL}
        said = {name: cell for name, cell in cells.items() if cell and name != "amount"}
        amount_minor = _amount(cells, row.number)
        if amount_minor > 0:
            yield row.number, {**said, "amount_minor": amount_minor}


def _amount(cells: Mapping[str, str], number: int) -> int:
    try:
        return money.coins(cells["amount"], cells["currency"])
    except ValueError as error:
        raise WrongStatement(f"Row {number}: {error}", row=number) from None
