"""Keeps the balances of the accounts, and what merchants are owed, up with the journal."""

from souk.edge.task import stream_of
from souk.flows.follow_journal import count
from souk.kernel.journal import JournalEntry

handler = stream_of(JournalEntry, count)
