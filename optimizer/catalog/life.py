"""How long the product in an image and the system below it are supported, and what to move to when they are not.

Source: endoflife-date/endoflife.date; commit and day stand in the data file. The catalog has no clock: whoever asks
whether something is over says what day it is.
"""

from __future__ import annotations

from optimizer.catalog.cycles import Life, cycle_of, cycles_of, is_over, version_of
from optimizer.catalog.renewals import renewed, successors
from optimizer.catalog.tags import Tag, find_tag

__all__ = ["Life", "is_over", "life_of", "life_of_distro", "supported"]

_PRODUCTS = {
    "amazoncorretto": "amazon-corretto", "caddy": "caddy", "composer": "composer", "docker": "docker-engine",
    "drupal": "drupal", "eclipse-temurin": "eclipse-temurin", "elixir": "elixir", "erlang": "erlang", "golang": "go",
    "gradle": "gradle", "haproxy": "haproxy", "httpd": "apache-http-server", "julia": "julia", "mariadb": "mariadb",
    "memcached": "memcached", "mongo": "mongodb", "mysql": "mysql", "nginx": "nginx", "node": "nodejs",
    "perl": "perl", "php": "php", "postgres": "postgresql", "python": "python", "rabbitmq": "rabbitmq",
    "redis": "redis", "ruby": "ruby", "rust": "rust", "tomcat": "tomcat", "traefik": "traefik",
    "wordpress": "wordpress",
}  # fmt: skip
_SYSTEMS = {
    "almalinux": "almalinux", "alpine": "alpine-linux", "amazonlinux": "amazon-linux", "centos": "centos",
    "debian": "debian", "fedora": "fedora", "oraclelinux": "oracle-linux", "rockylinux": "rocky-linux", "ubi": "rhel",
    "ubuntu": "ubuntu",
}  # fmt: skip
# Images that were given up as a whole while their product lives on in another image.
GIVEN_UP = {"adoptopenjdk": "eclipse-temurin", "java": "eclipse-temurin", "openjdk": "eclipse-temurin"}


def life_of(image: str, tag: str) -> Life | None:
    """Return how long the product in an image is supported: Python 3.9 for python:3.9-slim; None where not known."""
    known = find_tag(image, tag)
    if known is None:
        return None
    if image in _SYSTEMS:
        return life_of_distro(known.distro)
    if image in GIVEN_UP and known.last:
        return Life(f"the official image {image}", version_of(known), known.last, "")
    product = _PRODUCTS.get(image)
    return cycle_of(product, version_of(known)) if product else None


def life_of_distro(distro: str) -> Life | None:
    """Return how long a system is supported, such as "debian:buster"; None where not known."""
    system, _, release = distro.partition(":")
    product = _SYSTEMS.get(system)
    if product is None or not release:
        return None
    return next((life for life in cycles_of(product) if release in (life.cycle, life.codename)), None)


def supported(image: str, tag: str, today: str) -> Tag | None:
    """Return the nearest listed tag of the same variant whose product and system are supported on `today`, an ISO day.

    The version stays where the product itself is supported; else it is the next release line that is, as exact as
    the tag was. None where the tag is supported as it is, or where no such tag is known.
    """
    known = find_tag(image, tag)
    if known is None or not _ended(known, today):
        return None
    if image in GIVEN_UP:
        new_image = GIVEN_UP[image]
        names = successors(known, _PRODUCTS[new_image], today)
        return next((found for found in (find_tag(new_image, name) for name in names) if found and found.listed), None)
    life = life_of(image, tag)
    product = life if life is not None and is_over(life, today) else None
    for name in renewed(known, product, life_of_distro, today):
        found = find_tag(image, name)
        if found is not None and found.listed and not _ended(found, today) and _same_variant(found, known):
            return found
    return None


def _ended(tag: Tag, today: str) -> bool:
    lives = (life_of(tag.image, tag.name), life_of_distro(tag.distro))
    return any(life is not None and is_over(life, today) for life in lives)


def _same_variant(one: Tag, other: Tag) -> bool:
    return one.distro.partition(":")[0] == other.distro.partition(":")[0] and one.variant == other.variant
