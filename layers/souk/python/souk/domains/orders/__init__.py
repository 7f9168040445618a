"""Orders: what a quote says, what was bought, and where in its life it stands."""
