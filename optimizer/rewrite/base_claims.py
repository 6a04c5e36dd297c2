"""Claims of the transforms that change bases: which references may take each other's place.

Each maps a reference to a normal form, in which what may change is left out; references whose normal
forms differ are differences that nobody claims. An ARG's default is a reference or a tag too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from optimizer.catalog.naming import DEBIAN_RELEASES, UBUNTU_RELEASES
from optimizer.rewrite.claims import Claim, commands_like, entries_as, words_of
from optimizer.rewrite.model import Entry
from optimizer.syntax.patterns import pattern

_REFERENCE = pattern(r"(?P<name>.*?)(?::(?P<tag>[^/:@]*))?(?P<digest>@\S+)?\Z")
_CODENAME = pattern(rf"({'|'.join([*DEBIAN_RELEASES, *UBUNTU_RELEASES])}|alpine-?3\.\d+)\Z")
_HOST = pattern(r"(?!.*/distroless\Z)(?!(index\.|registry-1\.)?docker\.io(/|\Z))[^/]*[.:][^/]*(/|\Z)|localhost/")
_NUMBER = pattern(r"v?\d[\w.]*\Z")
_APT_PROGRAMS = ("apt-get",)


def references(normal: Callable[[str, str], str], digests: bool = False, own: bool = True) -> list[Claim]:
    """Claim that the image of a FROM, or the default of an ARG in front of it, may change within `normal`.

    `normal` gets the name and the tag ("" where none is written) of a reference. A digest may come or go
    with `digests` only. With `own`, an image of another registry may become one beside it.
    """

    def of(text: str) -> str:
        match = _REFERENCE.match(text)
        assert match is not None
        digest = "" if digests else match["digest"] or ""
        folder, slash, _ = match["name"].rpartition("/")
        if own and slash and _HOST.match(folder):
            # An organisation calls the variants of its own images as it likes, beside each other.
            return f"{folder}/*:{normal('', match['tag'] or '')}{digest}"
        return normal(match["name"], match["tag"] or "") + digest

    def of_from(entry: Entry) -> Entry:
        return entry._replace(words=(of(entry.words[0]), *entry.words[1:])) if entry.words else entry

    def of_arg(entry: Entry) -> Entry:
        if len(entry.words) != 2:
            return entry
        value = entry.words[1]
        # A default that is only a tag reads as the tag of no image.
        found = of(value) if ":" in value or "/" in value else normal("", value)
        return entry._replace(words=(entry.words[0], found))

    return [entries_as(["FROM"], of_from), entries_as(["ARG"], of_arg)]


def without_words(*dropped: str, renamed: Iterable[tuple[str, str]] = ()) -> Callable[[str, str], str]:
    """Return a normal form that leaves some words of a tag out; no tag at all means `latest`.

    `renamed` are names of images that may take each other's place.
    """
    names = dict(renamed)
    unwanted = frozenset(dropped)

    def normal(name: str, tag: str) -> str:
        words = [w for w in tag.split("-") if w not in unwanted]
        folder, slash, last = name.rpartition("/")
        if last in names or last in names.values():
            # The image that took over counts its releases in its own way.
            words = [w.partition(".")[0] for w in words if not _CODENAME.match(w) and not w.startswith("oracle")]
        return f"{folder}{slash}{names.get(last, last)}:{'-'.join(w for w in words if w not in ('latest', 'stable'))}"

    return normal


def without_system(name: str, tag: str) -> str:
    """Return a reference without the words of its tag that name a distribution or a variant of it."""
    unwanted = {"alpine", "slim", "latest", "stable"}
    words = [w for w in tag.replace("alpine-3", "alpine3").split("-") if w not in unwanted and not _CODENAME.match(w)]
    return f"{name}:{'-'.join(words)}"


def without_release(name: str, tag: str) -> str:
    """Return a reference without the words of its tag that name a version or a release."""
    words = [
        w for w in tag.split("-") if not _CODENAME.match(w) and not _NUMBER.match(w) and w not in ("latest", "stable")
    ]
    return f"{name}:{'-'.join(words)}"


def added_by_apt(packages: Iterable[str]) -> list[Claim]:
    """Claim that some packages may be added with apt-get, in a call that is there or in one of its own."""
    names = sorted(packages)
    one = "|".join(n.replace("+", r"\+").replace(".", r"\.") for n in names)
    whole = rf"apt-get update|apt-get install( -y)?( --no-install-recommends)?( ({one}))*|rm -rf /var/lib/apt/lists/\*"
    return [words_of(_APT_PROGRAMS, exactly=names), commands_like(whole)]


def added_by_apk(packages: Iterable[str]) -> list[Claim]:
    """Claim that some packages may be added with apk, in a call that is there or in one of its own."""
    names = sorted(packages)
    return [words_of(("apk",), exactly=names), commands_like(r"apk add --no-cache")]
