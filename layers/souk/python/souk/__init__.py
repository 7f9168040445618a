"""Souk: a serverless commerce backend; `functions/` are its doors, this package is everything behind them."""

import gc

# What a cold start imports is not garbage: looking through it again and again is a thirtieth of the start.
gc.set_threshold(150_000)
