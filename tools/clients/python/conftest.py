"""Brings the fixture `lab` to the tests beside it: a conftest.py of one's own needs this one line."""
from pytest_punchlab import lab  # noqa: F401
