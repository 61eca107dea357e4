from allauth.core.internal import ratelimit
from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import addresses

        addresses.watch()
        # allauth counts an address's attempts under a lock and refuses whoever waits for it for
        # more than a second: a class that signs up at once on a busy machine.
        ratelimit.CACHE_LOCK_WAIT_TIMEOUT = 10
