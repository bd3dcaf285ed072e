"""The fault campaign: servers and nodes that are broken on purpose, people who work meanwhile, and what is held

against the portal afterwards. `python -m bench.faults` runs it.
"""
