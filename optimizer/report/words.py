"""Small texts that several reports share: sizes, products and what is missing."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.catalog.cycles import Life

_PRODUCTS = {
    "almalinux": "AlmaLinux", "alpine-linux": "Alpine", "amazon-corretto": "Corretto", "amazon-linux": "Amazon Linux",
    "apache-http-server": "Apache httpd", "centos": "CentOS", "debian": "Debian", "docker-engine": "Docker",
    "eclipse-temurin": "Temurin", "fedora": "Fedora", "go": "Go", "haproxy": "HAProxy", "mariadb": "MariaDB",
    "mongodb": "MongoDB", "mysql": "MySQL", "nodejs": "Node.js", "oracle-linux": "Oracle Linux", "php": "PHP",
    "postgresql": "PostgreSQL", "rabbitmq": "RabbitMQ", "rhel": "RHEL", "rocky-linux": "Rocky Linux",
    "wordpress": "WordPress",
}  # fmt: skip
# Commands that people would miss, in the order in which they are told.
_NOTABLE = (
    "bash apt-get curl wget git gcc make python3 perl ssh ps gpg openssl unzip xz file patch convert pg_config "
    "mysql_config javac jar jcmd jlink useradd"
).split()
_SHOWN = 8


def megabytes(count: int) -> str:
    """Return a number of bytes in megabytes (10^6 bytes), as registries count."""
    return f"{count / 1e6:.1f} MB"


def product(life: Life) -> str:
    """Return a product and its release as people call it: "Debian 12 (bookworm)"."""
    name = _PRODUCTS.get(life.product) or life.product[:1].upper() + life.product[1:]
    codename = f" ({life.codename})" if life.product in ("debian", "ubuntu") and life.codename else ""
    return f"{name} {life.cycle}{codename}".rstrip()


def notable(commands: Iterable[str]) -> list[str]:
    """Return those of many commands that people would miss most, up to eight."""
    known = set(commands)
    return [command for command in _NOTABLE if command in known][:_SHOWN]


def many(number: int, noun: str) -> str:
    """Return a number with its noun: "1 file", "2 files"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
