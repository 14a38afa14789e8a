"""For all tests: no example is too slow, since no test here is about time."""

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.load_profile("here")
