"""The daily bills of payment providers: the columns of each, read into lines of one shape.

Stripe: the itemized reports "Balance change from activity" and "Payout reconciliation"
(https://docs.stripe.com/reports/report-types/balance). WeChat Pay: the trade bill of all trades. Alipay: the details of
its trade bill, out of the archive that they come in.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import BinaryIO, Literal, NamedTuple

from souk.gateways.spreadsheets import LONGEST_CELL, UnreadableFile
from souk.gateways.stripe import BalanceTransaction
from souk.kernel import money
from souk.kernel.errors import Refused

Kind = Literal["movement", "fee", "payout"]
Row = Mapping[str, str]
HEADER_WITHIN = 20  # lines
CUT_OFF = "The bill is cut off: its last lines are not there"
# Of the providers' own, and of whatever other systems of the merchant number their refunds by.
_NUMBER = re.compile(r"[!\"$-~]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class WrongBill(Refused):
    title = "The bill is not as its provider writes it"


class BillLine(NamedTuple):
    """What moved on the provider's account, in its currency: into it, or below zero out of it.

    `presented` is what the buyer paid or got back, in the currency of the charge.
    """

    kind: Kind
    number: str
    currency: str
    gross_minor: int
    fee_minor: int
    presented_currency: str
    presented_minor: int


class Format(NamedTuple):
    """`ends` is how the line behind the last one begins, where there is one: a file without it was cut off. If it
    `counts` them, the line after says how many there are. `ahead` is by how much its days begin before UTC's. Whose
    account it is of is told by each line in a column, or once above them in what the pattern finds; or not at all. Of
    which day it is each line says by its time, and above them all, where there is a pattern for it, the file.
    """

    encoding: str
    columns: Sequence[str]
    line: Callable[[Row, date], BillLine | None]
    ends: str
    ahead: timedelta
    may_lack: frozenset[str] = frozenset()
    counts: bool = False
    account_in: str = ""
    account_above: str = ""
    day_above: str = ""


def read(file: BinaryIO, provider: str, day: date, account: str | None = None) -> Iterator[BillLine]:
    """Line by line; WrongBill or UnreadableFile as soon as one is not as it must be, or is of another account than the
    one that is given.
    """
    form, number, lines = FORMATS[provider], 0, 0
    csv.field_size_limit(LONGEST_CELL)
    try:
        with io.TextIOWrapper(file, encoding=form.encoding, newline="") as text:
            reader = csv.reader(text, strict=True)
            places, width, above = _header(reader, form)
            if account and form.account_above:
                _need_account(account, "".join(_said_above(above, form.account_above)))
            if form.day_above and "-".join(_said_above(above, form.day_above)) != day.isoformat():
                raise WrongBill(f"The bill is not of {day}")
            for cells in reader:
                number = reader.line_num
                if cells and form.ends and cells[0].startswith(form.ends):
                    return _need_all(next(reader, []), lines, form)
                if not any(cells):
                    continue
                if len(cells) != width:
                    raise ValueError(f"it has {len(cells)} cells, and the header {width}")
                row = {name: _plain(cells[place]) for name, place in places.items()}
                if account and form.account_in:
                    _need_account(account, row.get(form.account_in, ""))
                line = form.line(row, day)
                lines += 1
                if line:
                    yield _checked(line)
            if form.ends:
                raise WrongBill(CUT_OFF)
    except UnicodeDecodeError:
        raise UnreadableFile(f"The file is not in {form.encoding}") from None
    except csv.Error:
        raise UnreadableFile(f"Line {number + 1} is not CSV") from None
    except ValueError as error:
        raise WrongBill(f"Line {number}: {error}", line=number) from None


def as_file(transactions: Iterable[BalanceTransaction]) -> bytes:
    """A bill of Stripe's out of its balance transactions."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_STRIPE)
    for one in transactions:
        amounts = [money.major(minor, one.currency) for minor in (one.gross_minor, one.fee_minor, one.net_minor)]
        presented = money.major(one.presented_minor, one.presented_currency), one.presented_currency
        created = f"{one.created_at:%Y-%m-%d %H:%M:%S}"
        writer.writerow((one.id, created, one.currency, *amounts, one.category, one.source_id, *presented))
    return text.getvalue().encode()


def _header(reader: Iterator[list[str]], form: Format) -> tuple[dict[str, int], int, list[str]]:
    """Where the columns lie, and what stands above them: some providers say there what the file is."""
    above = list[str]()
    for _, cells in zip(range(HEADER_WITHIN), reader, strict=False):
        names = [_plain(cell) for cell in cells]
        if {*form.columns} - form.may_lack <= {*names}:
            if twice := next((name for name in form.columns if names.count(name) > 1), None):
                raise WrongBill(f"The column {twice} is there twice")
            return {name: names.index(name) for name in form.columns if name in names}, len(names), above
        above += names[:1]
    raise WrongBill(f"The columns {', '.join(form.columns)} are not there")


def _need_all(sums: Sequence[str], lines: int, form: Format) -> None:
    said = _plain(sums[0]) if sums else ""
    if form.counts and not said:
        raise WrongBill(CUT_OFF)
    if form.counts and said != str(lines):
        raise WrongBill(f"The bill says that it has {said} transactions, and has {lines}")


def _said_above(above: Iterable[str], pattern: str) -> Sequence[str]:
    return next((found.groups() for line in above if (found := re.match(pattern, line))), ())


def _need_account(account: str, said: str) -> None:
    if said != account:
        raise WrongBill(f"The bill is of {said or 'nobody'}, and the shop's account is {account}")


def _need_of(day: date, said: str) -> None:
    if said[:10] != day.isoformat():
        raise ValueError(f"it is not of {day}")


def _plain(cell: str) -> str:
    """WeChat Pay begins what stands in a cell with a grave accent, Alipay ends it with tabs."""
    return cell.strip("`\t \ufeff")


def _checked(line: BillLine) -> BillLine:
    if not _NUMBER.fullmatch(line.number):
        raise ValueError(f"{line.number!r} is no number of a transaction")
    if not (_CURRENCY.fullmatch(line.currency) and _CURRENCY.fullmatch(line.presented_currency)):
        raise ValueError("its currency is none")
    return line


# -- Stripe
_STRIPE = (
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "source_id",
    "customer_facing_amount",
    "customer_facing_currency",
)
# To the shop's bank, or from it.
_PAYOUTS = {"payout", "payout_reversal", "topup", "topup_reversal"}
_FEES = {"fee", "network_cost", "tax"}


def _of_stripe(row: Row, day: date) -> BillLine:
    """What Stripe keeps for itself, and not of a transaction, is all fee."""
    currency, category = row["currency"].upper(), row["reporting_category"]
    gross, fee, net = (money.minor(row[name], currency) for name in ("gross", "fee", "net"))
    if gross - fee != net:
        raise ValueError("gross less fee is not net")
    _need_of(day, row["created_utc"])
    number = row["source_id"] or row["balance_transaction_id"]
    if category in _FEES:
        return BillLine("fee", number, currency, 0, fee - gross, currency, 0)
    kind: Kind = "payout" if category in _PAYOUTS else "movement"
    presented = row.get("customer_facing_currency", "").upper()
    if not presented:
        return BillLine(kind, number, currency, gross, fee, currency, gross)
    return BillLine(
        kind, number, currency, gross, fee, presented, money.minor(row["customer_facing_amount"], presented)
    )


# -- WeChat Pay
_WECHAT = (
    "交易时间",
    "商户号",
    "交易状态",
    "微信订单号",
    "货币种类",
    "应结订单金额",
    "商户退款单号",
    "退款金额",
    "退款状态",
    "手续费",
)


def _of_wechat(row: Row, day: date) -> BillLine | None:
    """A fee that is given back with a refund stands there below zero. Refunds go by the shop's own number, and by the
    time when they were asked for: https://pay.weixin.qq.com/docs/merchant/products/bill-download/format-trade.html
    """
    _need_of(day, row["交易时间"])
    currency = row["货币种类"]
    fee = money.minor(row["手续费"], currency)
    if row["交易状态"] == "SUCCESS":
        return _movement(row["微信订单号"], currency, money.minor(row["应结订单金额"], currency), fee)
    if row.get("退款状态") == "FAIL":
        return None
    # What was revoked at a till has no refund.
    number = row["商户退款单号"] or row["微信订单号"]
    return _movement(number, currency, -money.minor(row["退款金额"], currency), fee)


# -- Alipay
_ALIPAY = ("支付宝交易号", "业务类型", "完成时间", "商家实收（元）", "退款批次号/请求号", "服务费（元）")


def _of_alipay(row: Row, day: date) -> BillLine:
    """Which side a sum is on is told by the kind of business, for the signs differ from one release to another."""
    received, fee = (abs(money.minor(row[name], "CNY")) for name in ("商家实收（元）", "服务费（元）"))
    if row["业务类型"] == "退款":
        # When it went back stands in no column that all releases agree on, so its day is that of the bill.
        return _movement(row["退款批次号/请求号"] or row["支付宝交易号"], "CNY", -received, -fee)
    _need_of(day, row["完成时间"])
    return _movement(row["支付宝交易号"], "CNY", received, fee)


def _movement(number: str, currency: str, gross: int, fee: int) -> BillLine:
    return BillLine("movement", number, currency, gross, fee, currency, gross)


_BEIJING = timedelta(hours=8)
FORMATS = {
    "stripe": Format("utf-8-sig", _STRIPE, _of_stripe, "", timedelta(0), frozenset(_STRIPE[-2:])),
    "wechat_pay": Format(
        "utf-8-sig",
        _WECHAT,
        _of_wechat,
        "总交易单数",
        _BEIJING,
        frozenset({"商户号", "退款状态"}),
        counts=True,
        account_in="商户号",
    ),
    # Behind the merchant's number stand four digits for which of its accounts it is.
    "alipay": Format(
        "gbk",
        _ALIPAY,
        _of_alipay,
        "#",
        _BEIJING,
        account_above=r"#账号：\[([0-9]{16})[0-9]*\]$",
        day_above=r"#起始日期：\[([0-9]{4})年([0-9]{2})月([0-9]{2})日",
    ),
}
