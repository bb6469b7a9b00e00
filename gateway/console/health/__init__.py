"""Whether all is well: sources, campaigns, the account, the queue, the disk."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.health.books import Books
from gateway.console.health.looking import Looking
from gateway.console.page import poll, render, wants_part
from gateway.console.shared import Shared
from gateway.console.today.needs import needs_of


def pages(desk: Desk) -> Blueprint:
    """Under /console/health."""
    found = Blueprint("health", __name__)
    view = Health(desk)
    found.add_url_rule("/health", "show", view.show)
    return found


class Health:
    """Whether all is well: sources, campaigns, the account, the queue, the disk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.looking = Shared(Looking(desk).look)
        self.books = Shared(self._audit)

    def show(self) -> Response | str:
        """The page, or the part of it that renews itself. With `books`, the audit sum is made too."""
        seen, needs = self.looking.get(), needs_of(self.desk).now()
        if wants_part():
            return poll("health_part.html", seen=seen, needs=needs)
        books = self.books.get() if "books" in request.args else None
        return render("health.html", seen=seen, needs=needs, books=books)

    def _audit(self) -> Books:
        with self.desk.ledger.read() as connection:
            return Books.of(connection, clock.now())
