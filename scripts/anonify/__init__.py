"""k-anonymity and stratified sampling for data donation, and what both cost.

A table flows one way: dataset, anonymized, sampled, measured. The modules know the
domain (hierarchies, equivalence classes, anonymizers, metrics, plots) and nothing of
Snakemake or of where files lie.
"""

__version__ = "0.1.0"
