"""How evaluations are drawn: one module an evaluation, named as in measures."""
