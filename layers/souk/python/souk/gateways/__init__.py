"""Everything with an outside name, one file each."""
