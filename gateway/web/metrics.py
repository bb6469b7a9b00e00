"""`/metrics`: figures for Prometheus and for whoever scales the workers. No name, number or answer is among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from flask import Response
from flask import request as http
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from gateway import __version__, clock
from gateway.inbound.signature import Token
from gateway.settings import Settings
from gateway.store import measures, pulse
from gateway.store.ledger import Ledger
from gateway.store.measures import Measures

TOKEN = "GATEWAY_METRICS_TOKEN"  # noqa: S105 - the name of the setting

_ASK = Token(f"set {TOKEN}", f"send the header `Authorization: Bearer …` with the {TOKEN} of this gateway")

#: Seconds after which Prometheus may ask again where the ledger is away.
_LATER = {"Retry-After": "15"}


class Metrics:
    """The figures, to those who know the token. They come from the ledger, so any web process tells the same."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.tokens = settings.secrets(TOKEN)
        self.ledger = ledger

    def answer(self) -> Response:
        """What Prometheus reads; 503 without a setting or a ledger, 401 without the token."""
        if not self.tokens:
            return _sentence(503, f"metrics are off: {_ASK.missing}")
        scheme, _, given = http.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not _ASK.holds(given.strip(), self.tokens):
            return _sentence(401, _ASK.wrong, {"WWW-Authenticate": "Bearer"})
        try:
            with self.ledger.read() as connection:
                pulse.align(connection)
                now = clock.now()
                seen = measures.take(connection, now)
        except SQLAlchemyError:
            return _sentence(503, "the ledger cannot be read", _LATER)
        encode, content_type = choose_encoder(http.headers.get("Accept", ""))
        return Response(encode(_Seen(seen, now)), content_type=content_type)


def _sentence(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return Response(f"{text}\n", status, headers, mimetype="text/plain")


class _Seen(Collector):
    """One look at the ledger, in the words of Prometheus."""

    def __init__(self, seen: Measures, now: datetime) -> None:
        self.seen = seen
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield from self._ages()
        yield from self._deliveries()
        yield from self._others()
        yield from self._totals()

    def _ages(self) -> Iterator[Metric]:
        seen = self.seen
        yield _gauge("oldest_due_seconds", "How long the delivery that should leave next is late.", seen.oldest_due)
        yield _gauge("oldest_event_seconds", "How long the oldest event waits to be read.", seen.oldest_event)
        yield _gauge("oldest_lead_seconds", "How long a lead's look-up or plan is late.", seen.oldest_lead)
        worst = 0.0 if seen.slowed else max(seen.oldest_due, seen.oldest_event, seen.oldest_lead)
        says = "The worst of the three ages, 0 while all is slowed down: what further workers would help with."
        yield _gauge("backlog_seconds", says, worst)

    def _deliveries(self) -> Iterator[Metric]:
        seen = self.seen
        yield _by("deliveries_due", "Deliveries that may leave now, by rank.", "rank", seen.due)
        yield _gauge("deliveries_later", "Deliveries that leave later.", seen.later)
        yield _gauge("deliveries_sending", "Deliveries whose request is out.", seen.sending)
        yield _by("deliveries_held", "Deliveries that are held, by what holds them.", "by", seen.held)
        yield _gauge("deliveries_uncertain", "Deliveries whose answer never came.", seen.uncertain)
        yield _gauge("deliveries_failed_last_hour", "Deliveries refused for good in the last hour.", seen.failed)

    def _others(self) -> Iterator[Metric]:
        seen = self.seen
        yield _by("leads_open", "Leads that wait for something or somebody.", "state", seen.leads)
        yield _gauge("events_new", "Events that are not read yet.", seen.new_events)
        yield _gauge("receipts_new", "Receipts that are not read yet.", seen.new_receipts)
        yield _by("alerts_open", "What stops or slows sending, by its kind.", "kind", seen.open_alerts)
        well = sum(not pulse.fault(worker, self.now) for worker in seen.workers)
        yield _gauge("workers", f"Workers that are well and spoke within {pulse.SILENT_SECONDS} seconds.", well)
        yield _gauge("mapping_version", "The live version of the mappings; 0: none yet.", seen.version)
        yield InfoMetricFamily("gateway", "The program.", {"version": __version__})

    def _totals(self) -> Iterator[Metric]:
        for name, highest in self.seen.highest.items():
            yield CounterMetricFamily(f"gateway_{name}", f"The highest id of {name} in the ledger.", highest)
        refused = CounterMetricFamily("gateway_refused", "Requests that were not stored.", labels=["source", "cause"])
        for labels, times in self.seen.refused.items():
            refused.add_metric(labels, times)
        yield refused


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"gateway_{name}", says, value)


def _by(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(f"gateway_{name}", says, labels=[label])
    for word, value in sorted(values.items()):
        family.add_metric([word], value)
    return family
