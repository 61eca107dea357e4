"""What guards the accounts must not stop a class that arrives at once."""

from concurrent.futures import ThreadPoolExecutor

from allauth.core.internal import ratelimit
from django.core.cache import cache


def test_those_who_come_at_once_wait_for_the_lock() -> None:
    cache.add("someone:lock", True, timeout=10)

    def enter() -> bool:
        with ratelimit.cache_lock("someone") as locked:
            return locked

    with ThreadPoolExecutor(1) as visitors:
        visitor = visitors.submit(enter)
        try:
            visitor.result(timeout=1.2)
        except TimeoutError:
            cache.delete("someone:lock")
        assert visitor.result(timeout=5)
