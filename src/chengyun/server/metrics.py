"""Figures for Prometheus, over all web processes.

Under the supervisor each process keeps its counts in memory-mapped files below the data folder
(PROMETHEUS_MULTIPROC_DIR); whichever process is asked adds them up. What the database and the
system know is read at the moment of asking.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from ipaddress import ip_address

import psutil
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from chengyun.administration.http import address_of
from chengyun.server import faults, problems, roster

_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
REQUESTS = Counter("chengyun_http_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("chengyun_http_request_seconds", "Time in Django", ["route"], buckets=_STEPS)
UNDER_WAY = Gauge(
    "chengyun_http_under_way", "Requests under way and waiting", multiprocess_mode="livesum"
)
SUBSCRIBERS = Gauge("chengyun_live_subscribers", "Open live lines", multiprocess_mode="livesum")
DROPPED = Counter("chengyun_live_dropped", "Live lines dropped because they were too slow")

_JOBS = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"
_WORKER = "SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
_CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
_SIZE = "SELECT pg_database_size(current_database())"


class _Present(Collector):
    """What is so at this moment: jobs, connections, memory."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures; those of the database only when it answers."""
        yield _memory()
        up = GaugeMetricFamily("chengyun_database_up", "1 when the database answers")
        try:
            found = list(_database())
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield from found


def render() -> bytes:
    """Return the figures in Prometheus' text form."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry = REGISTRY
    present = CollectorRegistry()
    present.register(_Present())
    return generate_latest(registry) + generate_latest(present)


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer /metrics: to this machine, and to whoever brings CHENGYUN_METRICS_TOKEN."""
    if not _may_read(request):
        return problems.render_fault(request, faults.NotAllowed())
    return HttpResponse(render(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    token = os.environ.get("CHENGYUN_METRICS_TOKEN")
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    address = address_of(request)
    return address is not None and ip_address(address).is_loopback and not _is_relayed(request)


def _is_relayed(request: HttpRequest) -> bool:
    """Tell whether a proxy that nobody named brought this: then the asker may be anywhere."""
    named = request.META.get("REMOTE_ADDR") in settings.TRUSTED_PROXIES
    return not named and bool({"X-Forwarded-For", "Forwarded"} & set(request.headers))


def _database() -> Iterator[GaugeMetricFamily]:
    with connection.cursor() as cursor:
        cursor.execute(_JOBS)
        jobs = GaugeMetricFamily("chengyun_jobs", "Jobs by status", labels=["status"])
        for status, count in cursor.fetchall():
            jobs.add_metric([status], count)
        yield jobs
        for name, text, query in (
            ("chengyun_worker_heartbeat_age_seconds", "Age of the newest heartbeat", _WORKER),
            ("chengyun_database_connections", "Connections to the database", _CONNECTIONS),
            ("chengyun_database_bytes", "Size of the database", _SIZE),
        ):
            cursor.execute(query)
            value = cursor.fetchone()[0]
            if value is not None:
                yield GaugeMetricFamily(name, text, value=float(value))


def _memory() -> GaugeMetricFamily:
    resident = GaugeMetricFamily(
        "chengyun_process_resident_bytes", "Resident memory", labels=["process"]
    )
    for name, pid in roster.read().items():
        try:
            resident.add_metric([name], psutil.Process(pid).memory_info().rss)
        except psutil.Error:
            continue
    return resident
