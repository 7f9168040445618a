"""What the shop and its merchants owe each other: the commission on each line, monthly settlements, payouts."""
