"""Who may come in: members, guests and staff, their roles, and what each role may do."""
