"""The tags of the official images, one data file for each image."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from optimizer.catalog.build.write import read_json, write_table
from optimizer.catalog.naming import UBUNTU_RELEASES, VERSION, WINDOWS, platform_of, read_tag

# Systems whose tags are their versions.
_SYSTEMS = frozenset("almalinux amazonlinux centos fedora oraclelinux rockylinux".split())
# Images that have no other system below them than this one unless a tag says otherwise. Read in their Dockerfiles,
# August 2026, and in the distributions that their history shows.
_ALWAYS = {
    **dict.fromkeys("bash caddy composer docker traefik".split(), "alpine:?"),
    **dict.fromkeys(
        "buildpack-deps django drupal gcc ghost golang haskell httpd iojs java julia memcached nextcloud nginx node "
        "openjdk perl php pypy python r-base rails redis ruby rust wordpress".split(),
        "debian:?",
    ),
}
_UBUNTU_VERSIONS = {
    "10.04": "lucid", "12.04": "precise", "12.10": "quantal", "13.04": "raring", "13.10": "saucy", "14.04": "trusty",
    "14.10": "utopic", "15.04": "vivid", "15.10": "wily", "16.04": "xenial", "16.10": "yakkety", "17.04": "zesty",
    "17.10": "artful", "18.04": "bionic", "18.10": "cosmic", "19.04": "disco", "19.10": "eoan", "20.04": "focal",
    "20.10": "groovy", "21.04": "hirsute", "21.10": "impish", "22.04": "jammy", "22.10": "kinetic", "23.04": "lunar",
    "23.10": "mantic", "24.04": "noble", "24.10": "oracular", "25.04": "plucky", "25.10": "questing",
    "26.04": "resolute", "26.10": "stonking",
}  # fmt: skip


def build_tags(facts: Path) -> dict[str, int]:
    """Write all tables of tags; return their sizes by name."""
    history = read_json(facts / "official-tags-history.json.gz")
    current = read_json(facts / "official-tags.json")
    source = {"source": history["_source"]["repo"], "commit": history["_source"]["head"]}
    source["day"] = history["_source"]["head_date"]
    sizes = {}
    for image, tags in history["images"].items():
        groups = {name: g for g in current["images"].get(image, []) if g["d"] != "windows" for name in g["t"]}
        rows: dict[str, tuple[str, ...]] = {
            name: (_distro(image, name, index, history["distros"], groups), _variant(image, name, groups), first, last)
            for name, (first, last, index) in tags.items()
            if not WINDOWS.search(name)
        }
        sizes[f"tags/{image}"] = _write(image, source, rows, groups)
    names = [(image, str(sum(not last for _, last, _ in tags.values()))) for image, tags in history["images"].items()]
    sizes["images"] = write_table("images", {**source, "columns": ["image", "tags listed"]}, names)
    return sizes


def _write(
    image: str, source: dict[str, str], rows: dict[str, tuple[str, ...]], groups: dict[str, dict[str, Any]]
) -> int:
    distros = sorted({row[0] for row in rows.values()})
    variants = sorted({row[1] for row in rows.values()})
    of_tag = {name: " ".join(platform_of(a) for a in _architectures(groups.get(name, {}))) for name in rows}
    architectures = sorted(set(of_tag.values()))
    numbers = {id(group): str(number) for number, group in enumerate({id(g): g for g in groups.values()}.values())}
    header = {
        **source,
        "columns": ["tag", "distro", "variant", "architectures", "first day", "last day", "group"],
        "distros": distros,
        "variants": variants,
        "architectures": architectures,
    }
    table = [
        (
            name,
            str(distros.index(distro)),
            str(variants.index(variant)),
            str(architectures.index(of_tag[name])),
            first.replace("-", ""),
            last.replace("-", ""),
            numbers.get(id(groups.get(name)), ""),
        )
        for name, (distro, variant, first, last) in rows.items()
    ]
    return write_table(f"tags/{image}", header, table)


def _architectures(group: dict[str, Any]) -> list[str]:
    # A stanza that names none is for amd64 alone: that is the format's default.
    return [a for a in group.get("a", ["amd64"]) if not a.startswith("windows")] if group else []


def _distro(image: str, name: str, index: int, distros: list[str], groups: dict[str, dict[str, Any]]) -> str:
    listed = str(groups[name].get("d") or "") if name in groups else ""
    known = listed or (distros[index] if index >= 0 else "") or read_tag(image, name).distro
    if known and known != "windows" and not known.endswith(":?"):
        return known
    if image in _SYSTEMS:
        version = VERSION.match(name)
        return f"{image}:{version.group().partition('.')[0] if version else '?'}"
    if image == "ubuntu":
        return _ubuntu(name)
    if image == "debian" and name.startswith(("rc-buggy", "experimental")):
        return "debian:experimental"
    if known.endswith(":?"):
        return known
    if "alpine" in name:
        return "alpine:?"
    return _ALWAYS.get(image, "")


def _ubuntu(name: str) -> str:
    version = VERSION.match(name)
    word = _UBUNTU_VERSIONS.get(version.group(), "") if version else name.partition("-")[0]
    return f"ubuntu:{word if word in UBUNTU_RELEASES else '?'}"


def _variant(image: str, name: str, groups: dict[str, dict[str, Any]]) -> str:
    if name in groups:
        return "+".join(sorted(str(groups[name]["v"]).split("+")))
    return read_tag(image, name).variant
