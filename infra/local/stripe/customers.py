"""Customers, whose methods of payment are kept: https://docs.stripe.com/api/customers."""

from pydantic import Field

from infra.local.stripe.account import Account, Object
from infra.local.stripe.parameters import Ask, Metadata


class NewCustomer(Ask):
    metadata: Metadata = Field(default_factory=dict)


def create(account: Account, ask: NewCustomer) -> Object:
    made = account.new("customer", description=None, email=None, metadata=ask.metadata, name=None, phone=None)
    account.tell("customer.created", made)
    return made
