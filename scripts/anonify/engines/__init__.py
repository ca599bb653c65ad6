"""Tables that do not fit in memory: what is done to all their records is done by an engine in SQL.

Methods and measures work on distinct tuples and counts, which an engine finds; what they decide it
joins to the records. Nothing else of the library knows SQL.
"""
