"""Audit dependencies: locks, reasons and licences offline; known holes where the network answers.

Usage: audit.py [--offline]
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
PATIENCE_S = 20
Json = dict[str, Any]


def lock_faults(lock: Json) -> Iterator[str]:
    """Yield what of uv.lock is not from the registry or has a file without its hash."""
    for package in lock["package"]:
        name, source = package["name"], package["source"]
        if name == "chengyun":
            continue
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if "registry" not in source:
            yield f"uv.lock: {name} comes from {', '.join(source)}, not from the registry"
        elif not files or not all(file.get("hash") for file in files):
            yield f"uv.lock: {name} has a file without a hash"


def web_lock_faults(lock: Json) -> Iterator[str]:
    """Yield what of package-lock.json is not from the registry or without its checksum."""
    for path, package in lock["packages"].items():
        if path and (package.get("link") or not package.get("integrity")):
            yield f"package-lock.json: {path} has no integrity"
        if path and not str(package.get("resolved", "https:")).startswith("https:"):
            yield f"package-lock.json: {path} comes from {package['resolved']}"


def reason_faults(project: str) -> Iterator[str]:
    """Yield the direct dependencies of pyproject.toml that do not say why they are there."""
    given = tomllib.loads(project)
    wanted = [*given["project"]["dependencies"], *given["dependency-groups"]["dev"]]
    for one in wanted:
        if not re.search(rf'^\s*"{re.escape(one)}",\s*# \S', project, re.MULTILINE):
            yield f"pyproject.toml: {one} does not say why"


def licence_faults(found: dict[str, str], rules: Json) -> Iterator[str]:
    """Yield the packages whose licence is neither allowed nor an exception."""
    for name, licence in sorted(found.items()):
        parts = [one.strip(" ()") for one in re.split(r" AND | OR | / ", licence)]
        allowed = all(part in rules["licences"] for part in parts)
        if not allowed and name not in rules["exceptions"]:
            yield f"licence of {name}: {licence or 'unknown'}"


def shipped(lock: Json) -> set[str]:
    """Return the names of what runs with the platform, without what only tests need."""
    packages = {package["name"]: package for package in lock["package"]}
    seen: set[str] = set()
    waiting = ["chengyun"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        package = packages[name]
        extras = package.get("optional-dependencies", {})
        needed = [*package.get("dependencies", []), *(d for one in extras.values() for d in one)]
        waiting += [one["name"] for one in needed]
    return seen - {"chengyun"}


def python_licences(names: set[str]) -> dict[str, str]:
    """Return the licences that installed packages name."""
    found = {}
    for one in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        if name in names:
            found[name] = licence_of(one.metadata)
    return found


def licence_of(told: metadata.PackageMetadata) -> str:
    """Return a licence as a package's metadata tells it: expression, classifiers or words."""
    if "License-Expression" in told:
        return str(told["License-Expression"])
    marks = [
        one.split("::")[-1].strip()
        for one in told.get_all("Classifier", [])
        if one.startswith("License ::")
    ]
    named = [one for one in marks if one != "OSI Approved"]
    return " / ".join(named) or (told.get_all("License") or [""])[0]


def web_licences(lock: Json) -> dict[str, str]:
    """Return the licences of what the pages are built from."""
    return {
        path.removeprefix("node_modules/"): str(package.get("license", ""))
        for path, package in lock["packages"].items()
        if path and not package.get("dev")
    }


def offline_faults() -> list[str]:
    """Return all that is wrong without asking anybody."""
    rules = tomllib.loads((ROOT / "scripts" / "dependencies.toml").read_text(encoding="utf-8"))
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    web = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))
    return [
        *lock_faults(lock),
        *web_lock_faults(web),
        *reason_faults((ROOT / "pyproject.toml").read_text(encoding="utf-8")),
        *licence_faults(python_licences(shipped(lock)) | web_licences(web), rules),
    ]


def holes(answer: str, accepted: Json) -> list[str] | None:
    """Return the known holes that pip-audit's answer names; None where it could not ask."""
    try:
        told = json.loads(answer)
    except ValueError:
        return None
    return [
        f"{package['name']} {package['version']}: {hole['id']}"
        for package in told["dependencies"]
        for hole in package.get("vulns", [])
        if not {hole["id"], *hole.get("aliases", [])} & set(accepted)
    ]


def online_faults() -> list[str] | None:
    """Ask the advisory service about the Python packages; None where it does not answer."""
    rules = tomllib.loads((ROOT / "scripts" / "dependencies.toml").read_text(encoding="utf-8"))
    command = [str(BIN / "pip-audit"), "--skip-editable", "--format=json", "--timeout=5"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return None
    return holes(done.stdout, rules["accepted"])


def main(arguments: list[str]) -> int:
    """Print what is wrong; return 1 when anything is."""
    faults = offline_faults()
    asked = None if "--offline" in arguments else online_faults()
    if asked is None:
        print("known holes were NOT asked for; `make audit` does, with a network", file=sys.stderr)
    for fault in [*faults, *(asked or [])]:
        print(fault)
    return 1 if faults or asked else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
