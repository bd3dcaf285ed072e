"""The commands of `portal`, one module a noun."""
