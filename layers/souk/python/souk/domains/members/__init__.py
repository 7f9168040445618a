"""Members: who they say they are, how they are reached, and where their parcels go."""
