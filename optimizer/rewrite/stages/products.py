"""What package managers and build tools of interpreted languages make, and where it lies."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from optimizer.facts.document import Document
from optimizer.facts.downloads import UNKNOWN, Walk
from optimizer.facts.environment import pairs_of
from optimizer.facts.images import expand
from optimizer.facts.runs import Call, Run
from optimizer.facts.stages import Stage, State
from optimizer.rewrite.stages.effects import USERS
from optimizer.syntax.shell import Word

_SCRATCH = ("/tmp/", "/var/", "/root/.")
ROOTS = frozenset({"", "root", "0", "root:root", "0:0"})


class Product(NamedTuple):
    """What a call makes.

    `reason` says in a clause what the call does. `trees` are the absolute paths that it fills. `late` tells that
    the final stage may run it too, which needs nothing that a slim image lacks. `tool` tells that only builds use
    what it makes, unless the image calls one of `names`. `removes` tells that it takes the trees away. `refused`
    says why a stage with such a call is not split.
    """

    reason: str
    trees: tuple[str, ...] = ()
    late: bool = False
    tool: bool = False
    removes: bool = False
    names: tuple[str, ...] = ()
    refused: str = ""


class Place(NamedTuple):
    """A call and where it happens: `folder` is its working directory, "" where that is not known."""

    doc: Document
    run: Run
    call: Call
    folder: str

    @property
    def state(self) -> State:
        """The state that the RUN meets."""
        return self.run.state

    @property
    def user(self) -> str:
        """Who runs it, "" for root."""
        user = self.state.user or ""
        return "" if user in ROOTS else user

    @property
    def home(self) -> str:
        """The home directory of who runs it."""
        return self.state.env.get("HOME") or home_of(self.doc, self.run.stage, self.user)

    @property
    def first_on_path(self) -> str:
        """The folder that an ENV of the stage put first on the PATH, "" where none did."""
        for instruction in reversed(self.run.stage.members[: self.run.index]):
            if instruction.keyword == "ENV":
                for pair in pairs_of(instruction, self.doc.escape):
                    if pair.name == "PATH":
                        head = pair.raw.strip("\"'").partition(":")[0]
                        found, known = expand(head, self.state.env)
                        return posixpath.normpath(found) if known and found.startswith("/") else ""
        return ""

    def locate(self, text: str) -> str:
        """Return the absolute path that a word of the call means, "" where that can't be said."""
        if not text or "$" in text or "`" in text or "*" in text:
            return ""
        if text.startswith("~"):
            return posixpath.normpath(self.home + text[1:])
        if not text.startswith("/") and not self.folder:
            return ""
        return posixpath.normpath(posixpath.join(self.folder or "/", text))

    def located(self, word: Word) -> str:
        """Return the absolute path that a word of the script means, variables put in."""
        return self.locate(Walk(self.run).text_of(word) or "")


ProductOf = Callable[[Place], Product | None]


def places_of(doc: Document, run: Run) -> Iterator[Place]:
    """Yield the calls of a RUN with their working directories."""
    if run.script.opaque:
        return
    walk = Walk(run)
    folders: dict[int, str | None] = {}
    for folder, step in zip(walk.folders, run.script.steps, strict=True):
        moves = step.kind != "simple" and any((c.words and c.words[0].value) in ("cd", "pushd") for c in step.commands)
        for command in step.commands:
            folders[id(command)] = None if moves else folder
    for call in run.calls:
        folder = folders.get(id(call.command), walk.folders[0] if walk.folders else None)
        yield Place(doc, run, call, "" if folder is None or folder.startswith((UNKNOWN, "$")) else folder)


def products_of(doc: Document, stage: Stage, product_of: ProductOf) -> dict[int, tuple[Place, Product]]:
    """Return what each call of a stage's RUNs makes, by the identity of its command."""
    found: dict[int, tuple[Place, Product]] = {}
    for run in doc.runs_of(stage):
        for place in places_of(doc, run):
            product = product_of(place) or _copied(place) or _removed(place)
            if product is not None:
                if "" in product.trees or "/" in product.trees:
                    product = _unplaced(place, product)
                found[id(place.call.command)] = (place, product)
    return found


def _unplaced(place: Place, product: Product) -> Product:
    """Return what a call makes whose folder is not known: nothing if it only tells, else it can't be followed."""
    if {w.value for w in place.call.words[1:]} <= {"--version", "-v", "-V", "--help"}:
        return product._replace(trees=())
    where = "the root folder" if "/" in product.trees else "a folder that is not known"
    return product._replace(refused=product.refused or f"{place.call.program} works in {where}")


def _copied(place: Place) -> Product | None:
    """Return what cp and mv make of names with wildcards, which no other reading takes."""
    call = place.call
    operands = [w for w in call.words[1:] if not w.raw.startswith("-")]
    if call.program not in ("cp", "mv", "rsync") or len(operands) < 2:
        return None
    if not any(c in w.raw for w in operands[:-1] for c in "*?["):
        return None
    target = place.located(operands[-1])
    return Product(f"{call.program} puts files to {target}", (target,)) if target.count("/") > 1 else None


def _removed(place: Place) -> Product | None:
    """Return what rm takes from the system: the final stage has to take it away too."""
    if place.call.program not in ("rm", "unlink"):
        return None
    paths = tuple(place.located(w) for w in place.call.words[1:] if not w.raw.startswith("-"))
    if not all(paths) or any(path.startswith(_SCRATCH) for path in paths):
        return None
    return Product("it removes files", paths, late=True, removes=True)


def home_of(doc: Document, stage: Stage, user: str) -> str:
    """Return the home directory of a user: as it was made, else where Debian puts it."""
    name = user.partition(":")[0]
    if name in ROOTS:
        return "/root"
    for run in doc.runs_of(stage):
        for call in run.calls:
            if call.program in USERS and any(w.value == name for w in call.words[1:]):
                given = re.search(r"(?:-d|--home(?:-dir)?)[ =](/[\w./-]+)", " ".join(w.raw for w in call.words))
                if given:
                    return posixpath.normpath(given.group(1))
    return f"/home/{name}"
