"""Connections to the database, which others may need."""

import pytest
from django.db import connection, transaction

from accounts.models import User
from inference import database


@pytest.mark.django_db(transaction=True)
def test_a_connection_is_let_go_and_comes_back() -> None:
    connection.ensure_connection()
    connection.close_at = None  # it may stay open

    database.let_go()

    assert connection.connection is None
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_not_in_the_middle_of_a_transaction() -> None:
    with transaction.atomic():
        database.let_go()

        assert connection.connection is not None
