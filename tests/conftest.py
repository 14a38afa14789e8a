"""Hypothesis settings for all tests: no example has a deadline, since no test here is about time.

In CI the examples are the same at every run, so that a failure there comes from the change under test. Elsewhere they
are random, and find what nobody thought of.
"""

import os

from hypothesis import settings

settings.register_profile("here", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("search", deadline=None, max_examples=3000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))
