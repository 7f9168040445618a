"""Souk: a serverless commerce backend; `functions/` are its doors, this package is everything behind them."""

import gc

# What a cold start imports is not garbage: looking through it again and again is a fortieth of the start.
gc.set_threshold(50_000)
