"""The Document: a tree and the facts about it, which transforms ask."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from functools import cached_property

from optimizer.context.files import BuildContext
from optimizer.facts.runs import Call, Run
from optimizer.facts.settings import Settings
from optimizer.facts.stages import Stage, State, read_stages
from optimizer.syntax import Comment, Dockerfile, Instruction, Node, Source, Span
from optimizer.syntax.source import newline_of


class Document:
    """One parsed Dockerfile with what can be known about it.

    `context` is the build context, None where there is none to look at. `base` is the state
    that the base images leave, where the caller knows it.
    """

    def __init__(
        self,
        tree: Dockerfile,
        context: BuildContext | None = None,
        settings: Settings | None = None,
        base: State | None = None,
    ) -> None:
        self.tree = tree
        self.text = tree.text
        self.escape = tree.escape
        self.context = context
        self.settings = settings or Settings()
        self.base = base

    @cached_property
    def newline(self) -> str:
        """The newline of most of the file's lines."""
        return newline_of(self.text)

    @cached_property
    def source(self) -> Source:
        """The text as lines and columns."""
        return Source(self.text)

    @cached_property
    def lowered(self) -> str:
        """The text in lower case."""
        return self.text.lower()

    @cached_property
    def _stages(self) -> tuple[list[Stage], dict[str, str | None]]:
        return read_stages(self.tree, self.base)

    @property
    def stages(self) -> list[Stage]:
        """The build stages in order."""
        return self._stages[0]

    @property
    def global_args(self) -> dict[str, str | None]:
        """The ARGs in front of the first FROM, and their defaults."""
        return self._stages[1]

    @cached_property
    def located(self) -> list[tuple[Instruction, Stage, State, int]]:
        """Every instruction behind a FROM with its stage, the state it meets and its place there."""
        return [
            (instruction, stage, state, index)
            for stage in self.stages
            for index, (instruction, state) in enumerate(zip(stage.members, stage.states, strict=True))
        ]

    def touched(self, span: Span) -> Iterator[tuple[Instruction, Stage, State, int]]:
        """Yield the instructions behind a FROM that a span reaches into."""
        end = max(span.end, span.start + 1)
        first = bisect_right(self.located, span.start, key=lambda found: found[0].start) - 1
        for found in self.located[max(first, 0) :]:
            if found[0].start >= end:
                return
            if span.start < found[0].end:
                yield found

    @cached_property
    def runs(self) -> list[Run]:
        """The RUN instructions in order, those below ONBUILD left out."""
        return [Run(i, g, s, at, self.text) for i, g, s, at in self.located if i.keyword == "RUN"]

    @cached_property
    def triggers(self) -> list[Run]:
        """The RUN instructions below ONBUILD: they run in somebody else's build."""
        return [
            Run(i.onbuild, g, s, at, self.text)
            for i, g, s, at in self.located
            if i.onbuild is not None and i.onbuild.keyword == "RUN"
        ]

    @cached_property
    def comments(self) -> Counter[str]:
        """All comments: between instructions, inside them and in their scripts."""
        text = self.text
        found = Counter(node.span.of(text).strip() for node in self.tree.nodes if isinstance(node, Comment))
        for instruction in self.tree.instructions:
            if instruction.shape.comments:
                found.update(span.of(text).strip() for span in instruction.comments)
        for run in self.runs:
            script = run.script
            if script.comments:
                found.update(script.text[start:end].strip() for start, end in script.comments)
        return found

    def runs_of(self, stage: Stage) -> list[Run]:
        """Return the RUN instructions of one stage."""
        return [run for run in self.runs if run.stage is stage]

    def calls(self, *managers: str) -> Iterator[Call]:
        """Yield calls in RUN instructions whose words can be edited, of some managers or programs."""
        for run in self.runs:
            if not run.editable:
                continue
            for call in run.calls:
                name = call.manager.name if call.manager else call.program
                if not managers or name in managers:
                    yield call

    def instructions(self, *keywords: str) -> Iterator[Instruction]:
        """Yield the instructions with one of `keywords`, those below ONBUILD left out."""
        return (i for i in self.tree.instructions if i.keyword in keywords)

    def before(self, node: Node) -> list[Node]:
        """Return the comments and blank lines directly above a node, in order."""
        nodes = self.tree.nodes
        at = bisect_left(nodes, node.start, key=lambda n: n.start)
        first = at
        while first > 0 and not isinstance(nodes[first - 1], Instruction):
            first -= 1
        return list(nodes[first:at])

    def comments_above(self, node: Node) -> list[Comment]:
        """Return the comment lines that stand above a node with no blank line between."""
        found: list[Comment] = []
        for above in reversed(self.before(node)):
            if not isinstance(above, Comment):
                break
            found.insert(0, above)
        return found

    @cached_property
    def speaks_buildkit(self) -> bool:
        """Whether the file says by itself that BuildKit builds it: a syntax line, mount or heredoc."""
        if self.tree.directive("syntax"):
            return True
        return any(
            i.heredocs
            or i.flag("mount") is not None
            or (i.keyword in ("COPY", "ADD") and any(i.flag(f) is not None for f in ("link", "chmod", "checksum")))
            for i in self.tree.instructions
        )

    @property
    def uses_mounts(self) -> bool:
        """Whether caches are kept in cache mounts rather than cleaned."""
        mode = self.settings.caches
        return mode == "mounts" or (mode == "auto" and self.speaks_buildkit)

    def is_shipped(self, stage: Stage) -> bool:
        """Whether the stage's layers reach an image: the last stage, its ancestors, named targets."""
        targets = {t.lower() for t in self.settings.targets}
        if stage.shipped or (stage.name and stage.name.lower() in targets):
            return True
        return any(self.is_shipped(child) for child in stage.children)

    def is_copied_only(self, stage: Stage) -> bool:
        """Whether nothing but files copied from the stage reach an image."""
        return not self.is_shipped(stage) and bool(stage.copied_from)
