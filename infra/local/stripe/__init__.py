"""A small stateful Stripe at the wire: card payments, refunds, disputes, signed webhooks."""
