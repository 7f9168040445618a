"""Souk: a serverless commerce backend; `functions/` are its doors, this package is everything behind them."""
