"""One city for a module's tests: made once in a transaction that encloses theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from chengyun.cases.tests.builders import City, make_city


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[City]:
    """Give the city; each test's own changes are rolled back to it.

    Not for tests with `transaction=True`: those make their own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_city()
        transaction.set_rollback(True)
