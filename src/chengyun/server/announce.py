"""What `chengyun up` says on the console, in Chinese and English."""

from __future__ import annotations

import http.client
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import click
import psutil

from chengyun.server import demo_accounts

_IPV6: Final = 6
_STEPS = {
    "database": ("启动数据库", "starting the database"),
    "tables": ("检查数据表与基础数据", "checking tables and reference data"),
    "services": ("启动服务", "starting the services"),
    "stopping": ("正在停止", "stopping"),
}


def step(name: str) -> None:
    """Say what is done now."""
    zh, en = _STEPS[name]
    click.echo(f"· {zh} / {en}")


def recovering(pid: int) -> None:
    """Say that the last run ended without cleaning up."""
    click.echo(
        f"! 上次运行（进程 {pid}）未正常退出，正在恢复 / "
        f"the last run (process {pid}) did not end in order, recovering"
    )


def is_ready(host: str, port: int) -> bool:
    """Ask the platform whether it is ready."""
    connection = http.client.HTTPConnection(_reachable(host).strip("[]"), port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def ready(host: str, port: int, folder: Path, took_s: float) -> None:
    """Say where to go, and as whom in a demo city."""
    address = f"http://{_reachable(host)}:{port}"
    lines = (
        f"\n  城运 Chengyun   {address}/",
        f"  接口文档 API     {address}/api/v1/docs",
        f"  数据目录 data    {folder}",
        f"  启动用时 {took_s:.1f} 秒，按 Ctrl-C 停止 / ready in {took_s:.1f} s, Ctrl-C stops\n",
    )
    accounts = demo_accounts.read()
    if accounts:
        click.echo("\n  演示账号 / demo accounts")
        for line in accounts:
            click.echo(f"    {line}")
    click.echo("\n".join(lines))


def not_ready(folder: Path) -> None:
    """Say that it takes too long, and where to look."""
    click.echo(f"! 尚未就绪，请查看日志 {folder}/log / not ready yet, see the logs in {folder}/log")


def holder_of(port: int) -> str:
    """Return " (name, process N)" for who listens on the port, '' when it may not be known."""
    try:
        found = [
            one.pid
            for one in psutil.net_connections(kind="tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (port,) and one.pid
        ]
        return f" ({psutil.Process(found[0]).name()}, {found[0]})" if found else ""
    except psutil.Error:
        return ""


def _reachable(host: str) -> str:
    """Return an address to type for one that is listened on."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1"
    return f"[{host}]" if address.version == _IPV6 else host
