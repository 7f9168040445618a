"""A small stateful Stripe at the wire: card payments, kept cards, refunds, disputes, signed webhooks."""
