"""Keeps the balances of the accounts up with the journal."""

from souk.domains.ledger import actions
from souk.edge.task import stream_of
from souk.kernel.journal import JournalEntry

handler = stream_of(JournalEntry, actions.count)
