"""The gate: what tables, figures and pages may tell of a confidential table."""
