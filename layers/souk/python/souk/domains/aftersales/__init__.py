"""After-sales: a buyer's case about bought goods, from the request to the money."""
