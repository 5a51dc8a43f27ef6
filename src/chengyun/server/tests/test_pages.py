from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from chengyun.server import health, pages, wsgi
from chengyun.server.tests.serving import fetch, serving


@pytest.fixture
def dist(tmp_path: Path, settings: Any) -> Path:
    """A built front end."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>城运</title>")
    (tmp_path / "assets" / "index-BSscIPx6.js").write_text("let a = 1")
    (tmp_path / "first.js").write_text("let b = 1")
    settings.WEB_DIST = tmp_path
    return tmp_path


@pytest.fixture
def no_base_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "node", lambda: {"base_maps": []})
    monkeypatch.setattr(pages, "service_origins", list)


@pytest.mark.usefixtures("no_base_maps")
@pytest.mark.parametrize("path", ["/", "/cases", "/cases/12", "/map", "/administration/people"])
def test_every_address_of_the_console_has_its_shell(client: Client, dist: Path, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "<title>城运</title>" in response.content.decode()
    assert response["Cache-Control"] == "no-cache"
    policy = response["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", ["/api/nothing", "/tiles/nothing", "/assets/x.js", "/nothing.png"])
def test_other_addresses_are_not_pages(client: Client, dist: Path, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_outside_base_maps_are_let_in_by_their_origin(
    client: Client, dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps = [
        {"url": "https://t{s}.maps.example/{z}/{x}/{y}.png"},
        {"url": "/api/v1/territory/base-maps/a/{z}/{x}/{y}"},
        {"url": "javascript:alert(1)"},
    ]
    monkeypatch.setattr(pages, "node", lambda: {"base_maps": maps})
    monkeypatch.setattr(pages, "service_origins", list)
    policy = client.get("/")["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://t*.maps.example;" in policy
    assert "connect-src 'self' https://t*.maps.example;" in policy
    assert "javascript" not in policy


def test_without_a_build_a_page_says_what_to_do(client: Client, settings: Any) -> None:
    settings.WEB_DIST = Path("/nonexistent")
    response = client.get("/")
    assert response.status_code == 503
    assert "make web" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("no_base_maps")
def test_built_files_are_kept_by_browsers_the_shell_is_not(dist: Path) -> None:
    with serving(wsgi.build()) as port:
        hashed = fetch(port, "/assets/index-BSscIPx6.js")
        plain = fetch(port, "/first.js")
        swagger = fetch(port, "/static/ninja/swagger-ui.css")
        shell = fetch(port, "/index.html")
        outside = fetch(port, "/assets/..%2f..%2fetc/passwd")
    assert hashed[0] == 200
    assert "immutable" in hashed[1]["cache-control"]
    assert hashed[1]["x-content-type-options"] == "nosniff"
    assert "immutable" not in plain[1]["cache-control"]
    assert swagger[0] == 200
    assert shell[0] == 404
    assert outside[0] == 404


@pytest.mark.django_db
def test_ready_names_the_part_that_is_missing(client: Client) -> None:
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {
        "status": "not_ready",
        "checks": {"database": "ok", "migrations": "ok", "worker": "absent"},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("age_s", "state"), [(5, "ok"), (61, "stale")])
def test_the_worker_must_have_been_heard_of(age_s: int, state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - make_interval(secs => %s))",
            [age_s],
        )
    assert health.check()["worker"] == state


@pytest.mark.django_db
def test_pending_migrations_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health._Migrations, "are_done", lambda: False)
    assert health.check() == {"database": "ok", "migrations": "pending", "worker": "unknown"}


@pytest.mark.django_db
def test_the_figures_are_for_this_machine_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/api/v1/openapi.json")
    text = client.get("/metrics").content.decode()
    assert 'chengyun_http_requests_total{method="GET",route="api/v1/openapi.json"' in text
    assert "chengyun_database_up 1.0" in text
    assert "chengyun_process_resident_bytes" in text
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403
    relayed = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/metrics", headers=relayed).status_code == 403
    monkeypatch.setenv("CHENGYUN_METRICS_TOKEN", "t")
    assert client.get("/metrics").status_code == 403
    right = client.get("/metrics", REMOTE_ADDR="192.0.2.7", headers={"Authorization": "Bearer t"})
    assert right.status_code == 200


def test_refusals_of_the_framework_are_problems() -> None:
    request = RequestFactory().get("/x")
    assert pages.bad_request(request, ValueError()).status_code == 500
    assert pages.forbidden(request, PermissionError()).status_code == 403
    assert pages.server_error(request).status_code == 500
