"""The books in double entry: balances of what was booked, vouchers of people, months and their statements."""
