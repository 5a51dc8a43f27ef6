"""Routes that cost much are throttled by who asks: `@router.get(…, throttle=Throttle("export"))`.

The person counts, whatever sessions and tokens he uses; without one, the client's address.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from ninja.throttling import BaseThrottle

from chengyun.administration.http import address_of
from chengyun.administration.operations.allowances import take_allowance
from chengyun.administration.rules.allowances import Reading

_SEEN: Final = "_reading_throttled"


class Throttle(BaseThrottle):
    """Takes one of the sender's allowance for each request; the refusal is a problem."""

    def __init__(self, reading: Reading, *, only_with: str = "", by_body: bool = False) -> None:
        """Throttle a route.

        only_with : a name of the query; a request without it costs little and is let through
        by_body : how much is asked for stands in the body; the view calls `take`
        """
        self.reading = reading
        self.only_with = only_with
        self.by_body = by_body

    def allow_request(self, request: HttpRequest) -> bool:
        """Take from the allowance.

        raises : ReadingThrottled
        """
        costs = not self.only_with or request.GET.get(self.only_with, "").strip()
        if costs and not self.by_body:
            take(request, self.reading)
        return True


def take(request: HttpRequest, reading: Reading, count: int = 1) -> None:
    """Take `count` of the sender's allowance.

    raises : ReadingThrottled
    """
    person_id = getattr(getattr(request, "actor", None), "person_id", None)
    sender = f"person:{person_id}" if person_id else f"address:{address_of(request)}"
    take_allowance(sender=sender, reading=reading, count=count)
