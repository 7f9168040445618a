"""Reports: counters of what was sold, kept up by facts and asked by day, product and region."""
