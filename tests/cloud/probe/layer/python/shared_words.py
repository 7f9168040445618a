"""What a function imports from its layer."""

GREETING = "salaam"
