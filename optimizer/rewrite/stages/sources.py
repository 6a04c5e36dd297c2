"""What the sources of a compiled program say: the files that it names, the programs that it starts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.facts.document import Document
from optimizer.rewrite.stages.placed import Placed

MOST_FILES, MOST_BYTES = 4000, 500_000
# Read by people and by build tools, not by programs, unless a source names them.
_NOT_RUN = re.compile(
    r"(?i)(\A|/)(\.git|\.github|\.gitlab|\.circleci|\.idea|\.vscode|\.devcontainer|testdata|tests?|__tests__|docs?|"
    r"examples?|benchmarks?|ci|deploy(ments?)?|k8s|kubernetes|helm|charts|terraform)/|"
    r"(\A|/)(readme|licen[cs]e|copying|notice|authors|contributors|contributing|changelog|changes|news|todo|security|"
    r"code_of_conduct|codeowners|dockerfile|containerfile|jenkinsfile|vagrantfile|procfile|makefile|gnumakefile|"
    r"justfile|taskfile|docker-compose|compose|codefresh|cloudbuild|appveyor|azure-pipelines|bitbucket-pipelines|"
    r"buildspec|skaffold|renovate|docker-bake|sonar-project|codecov|netlify|fly|app\.json)([._-][^/]*)?\Z|\.(md|rst|adoc|mk|sh|bash|bat|cmd|ps1|tf|dockerfile)\Z|"
    r"(\A|/)\.(dockerignore|editorconfig|pre-commit-config\.yaml|travis\.yml|gitlab-ci\.yml|golangci\.ya?ml|"
    r"clang-format|clang-tidy|git\w+|hadolint\.yaml)\Z"
)


@dataclass(frozen=True)
class Language:
    """How a language's sources are read: patterns whose first group is a name, and patterns that only tell.

    `starts` find programs that are started by a literal name, `starts_any` such calls whatever names them;
    `opens_any` finds calls that open files by names that are no literals; `asks` finds environment variables.
    `skipped` takes out of a text what looks like a name of a file and is none.
    """

    source: re.Pattern[str]
    strings: re.Pattern[str]
    starts: re.Pattern[str]
    starts_any: re.Pattern[str]
    opens_any: re.Pattern[str]
    asks: re.Pattern[str]
    skipped: re.Pattern[str]
    unshipped: re.Pattern[str] = field(default_factory=lambda: re.compile(r"(?!)"))


@dataclass(frozen=True)
class Sources:
    """What was read. `text` is all of it; `names` the parts of paths in its literals.

    `starts` are the programs that it starts, `unclear` the file that starts one whose name is not shown ("" for
    none); `opens_any` tells that it opens files whose names are not shown.
    """

    text: str = ""
    paths: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()
    unclear: str = ""
    opens_any: bool = False
    asks: frozenset[str] = frozenset()

    def mentions(self, path: str) -> bool:
        """Tell whether a literal names a file, one of its folders, or a configuration file without its suffix."""
        parts = [p for p in path.split("/") if p not in ("", ".")]
        stem, _, suffix = parts[-1].rpartition(".")
        config = suffix in ("yaml", "yml", "json", "toml", "ini", "conf", "env", "properties", "cfg")
        return not self.names.isdisjoint(parts) or (config and stem in self.names)


def read_sources(doc: Document, placed: Placed, language: Language) -> Sources | None:
    """Read the sources that COPY brings; None where the build context does not show them."""
    if doc.context is None:
        return None
    texts: dict[str, str] = {}
    for origin in sorted(set(placed.files.values())):
        if language.source.search(origin) and not language.unshipped.search(origin):
            text = doc.context.text(origin, MOST_BYTES)
            if text is None or len(texts) == MOST_FILES:
                return None
            texts[origin] = text
    if not texts:
        return None
    names: set[str] = set()
    starts: set[str] = set()
    asks: set[str] = set()
    unclear, opens_any = "", False
    for origin, text in texts.items():
        for match in language.strings.finditer(language.skipped.sub("", text)):
            names.update(re.split(r"[/\\\s]+", next((g for g in match.groups() if g is not None), "")))
        found = [next(g for g in m.groups() if g is not None) for m in language.starts.finditer(text)]
        starts.update(found)
        if len(language.starts_any.findall(text)) > len(found):
            unclear = unclear or origin
        opens_any = opens_any or language.opens_any.search(text) is not None
        asks.update(language.asks.findall(text))
    return Sources(
        "\n".join(texts.values()),
        tuple(texts),
        frozenset(names - {"", ".", ".."}),
        frozenset(posixpath.basename(s) for s in starts),
        unclear,
        opens_any,
        frozenset(asks),
    )


def data_files(placed: Placed, sources: Sources, is_source: Callable[[str], bool], all_of_them: bool) -> list[str]:
    """Return the paths in the image of the files that the program may read when it runs.

    What a source names is one of them; with `all_of_them` also what none names, but for files of people and tools.
    """
    found = []
    for path, origin in placed.files.items():
        if path in placed.late or is_source(origin):
            continue
        if sources.mentions(origin) or (all_of_them and not _NOT_RUN.search(origin)):
            found.append(path)
    return found


def folded(paths: list[str], placed: Placed, homes: frozenset[str], is_source: Callable[[str], bool]) -> list[str]:
    """Return the fewest paths that bring the same files: whole folders where none of their files is a source."""
    wanted = set(paths)
    out: set[str] = set()
    for path in paths:
        best = path
        folder = posixpath.dirname(path)
        while folder not in homes and folder not in ("/", ""):
            inside = [p for p in placed.files if p.startswith(f"{folder}/")]
            if any(p not in wanted and is_source(placed.files[p]) for p in inside) or set(inside) & placed.late:
                break
            if not any(folder.startswith(f"{home.rstrip('/')}/") for home in homes):
                break
            best, folder = folder, posixpath.dirname(folder)
        out.add(best)
    return sorted(out)
