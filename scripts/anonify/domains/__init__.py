"""Values of quasi-identifiers, and what generalizes them."""
