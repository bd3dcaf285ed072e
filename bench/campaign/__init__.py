"""The fault campaign: what is broken on purpose, people who work meanwhile, and what is held against it.

`python -m bench.faults` runs it.
"""
