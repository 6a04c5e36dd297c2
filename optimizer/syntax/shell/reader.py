"""Reads shell text with tree-sitter-bash into a Script.

tree-sitter-bash reads about 1 % of real RUN scripts wrongly without saying so; the guards here
mend them or make them opaque: words that touch are one word, words that hang on a redirection
are the command's, and doubled backticks, `time` or `{` as a command's name are not understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from optimizer.syntax.patterns import pattern
from optimizer.syntax.shell.script import Command, Redirect, Script, Step, Word, static_value
from optimizer.syntax.shell.slips import crosses_line, follows_number, holds_bare_blank, loses_escaped_blank

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_TEST_WORD = pattern(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|\S)+")
_NON_ASCII = pattern(r"[^\x00-\x7f]")
_COMPOUND = {
    "if_statement": "if",
    "while_statement": "loop",
    "for_statement": "loop",
    "c_style_for_statement": "loop",
    "case_statement": "case",
    "subshell": "subshell",
    "compound_statement": "group",
    "function_definition": "function",
}
_TRANSPARENT = frozenset({"do_group", "elif_clause", "else_clause", "case_item", "last_case_item"})
_WORDLIKE = frozenset(
    {
        "word",
        "number",
        "string",
        "raw_string",
        "ansi_c_string",
        "translated_string",
        "concatenation",
        "simple_expansion",
        "expansion",
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "brace_expression",
        "regex",
        "extglob_pattern",
        "variable_name",
        "special_variable_name",
        "subscript",
        "==",
        "=~",
    }
)
_LEAVES = frozenset({"declaration_command", "unset_command"})
_OPERATORS = frozenset({"&&", "||", ";", "&", "\n", ";;", ";&", ";;&", "|", "|&"})
_REDIRECTS = frozenset({"file_redirect", "herestring_redirect", "heredoc_redirect"})
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "function"}
)


@dataclass
class _Atom:
    """A command or compound of a list; `operator` stands in front of it, `redirects` behind it."""

    node: Node
    start: int
    end: int
    operator: str = ""
    redirects: list[Node] = field(default_factory=list)


class _Opaque(Exception):
    """The text is not understood well enough to be rewritten."""


@cache
def _parser() -> Parser:
    import tree_sitter
    import tree_sitter_bash

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


@lru_cache(maxsize=8192)
def read_script(text: str) -> Script:
    """Read a script; what is not fully understood comes back with `opaque` set."""
    if "``" in text:
        return Script(text, opaque="empty backticks")
    # Every character becomes one byte, so that byte offsets are character offsets.
    root = _parser().parse(_NON_ASCII.sub("z", text).encode()).root_node
    if root.has_error:
        return Script(text, opaque="a shell construct that was not understood")
    reader = _Reader(text)
    try:
        reader.statements(root.children, (), top=True)
        if loses_escaped_blank(text, reader.commands, reader.comments):
            raise _Opaque("an escaped blank outside of a word")
    except _Opaque as reason:
        return Script(text, opaque=str(reason))
    except RecursionError:
        return Script(text, opaque="a script that is nested too deeply")
    reader.commands.sort(key=lambda command: command.start)
    return Script(
        text,
        tuple(reader.steps),
        tuple(reader.commands),
        tuple(reader.comments),
        background=reader.background,
    )


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.commands: list[Command] = []
        self.steps: list[Step] = []
        self.comments: list[tuple[int, int]] = []
        self.background = False

    def statements(self, nodes: list[Node], where: tuple[str, ...], top: bool = False) -> None:
        """Read the statements and separators of one level."""
        operator = ""
        for index, node in enumerate(nodes):
            kind = node.type
            if kind in _OPERATORS:
                operator = kind
                continue
            if kind == "comment":
                self.comments.append((node.start_byte, node.end_byte))
                continue
            if not node.is_named and kind not in _WORDLIKE:
                continue
            inner = where
            if index + 1 < len(nodes) and nodes[index + 1].type == "&":
                self.background = True
                inner = (*where, "background")
            self.statement(node, inner, operator or ("\n" if self.steps else ""), top)
            operator = "\n"

    def statement(self, node: Node, where: tuple[str, ...], operator: str, top: bool) -> None:
        """Read one statement, a list of pipelines; at the top level, note its steps."""
        pipelines: list[list[_Atom]] = []
        for atom in self._atoms(node):
            if pipelines and atom.operator in ("|", "|&"):
                pipelines[-1].append(atom)
            else:
                pipelines.append([atom])
        ors = [index for index, atoms in enumerate(pipelines) if atoms[0].operator == "||"]
        for index, atoms in enumerate(pipelines):
            inner = where
            if ors and index < ors[-1]:
                inner = (*inner, "tested")
            if index in ors:
                inner = (*inner, "or")
            if len(atoms) > 1:
                inner = (*inner, "pipeline")
            first = len(self.commands)
            kinds = [self._atom(atom, inner) for atom in atoms]
            if top:
                kind = "pipeline" if len(atoms) > 1 else kinds[0]
                sign = atoms[0].operator or operator
                self.steps.append(Step(sign, atoms[0].start, atoms[-1].end, kind, tuple(self.commands[first:])))

    def _atoms(self, node: Node) -> list[_Atom]:
        """Take lists, pipelines and their redirections apart.

        The grammar groups them in odd ways; by the shell's rules their order in the text says it all.
        """
        if node.type in ("list", "pipeline"):
            atoms: list[_Atom] = []
            operator = ""
            for child in node.children:
                if child.type == "comment":
                    self.comments.append((child.start_byte, child.end_byte))
                elif child.is_named:
                    found = self._atoms(child)
                    if atoms:
                        found[0].operator = operator
                    atoms += found
                elif child.type != "\n":
                    operator = child.type
            return atoms
        if node.type == "redirected_statement" and node.children[0].type not in _REDIRECTS:
            atoms = self._atoms(node.children[0])
            atoms[-1].redirects += node.children[1:]
            atoms[-1].end = node.end_byte
            return atoms
        return [_Atom(node, node.start_byte, node.end_byte)]

    def _atom(self, atom: _Atom, where: tuple[str, ...]) -> str:
        node, kind = atom.node, atom.node.type
        behind: list[Word] = []
        redirects = self._redirects(atom.redirects, where, behind)
        if kind == "command":
            self._command(node, where, redirects, atom.end, behind)
            return "simple"
        if kind == "redirected_statement":
            redirects = self._redirects(node.children, where, behind) + redirects
            self._add(Command(node.start_byte, atom.end, (), tuple(behind), redirects, where))
            return "simple"
        if behind:
            raise _Opaque("words behind a redirection")
        return self._node(node, where, redirects, atom.end)

    def _node(self, node: Node, where: tuple[str, ...], redirects: tuple[Redirect, ...], end: int) -> str:
        kind = node.type
        if kind in ("variable_assignment", "variable_assignments"):
            nodes = node.children if kind == "variable_assignments" else [node]
            words = tuple(self._word(n, where) for n in nodes)
            self._add(Command(node.start_byte, end, words, (), redirects, where))
            return "simple"
        if kind in _LEAVES:
            words = tuple(self._word(n, where) for n in node.children)
            self._add(Command(node.start_byte, end, (), words, redirects, where))
            return "simple"
        if kind == "test_command":
            self._descend(node, where)
            inside = tuple(
                self._leaf(m.start() + node.start_byte, m.group()) for m in _TEST_WORD.finditer(self._raw(node))
            )
            self._add(Command(node.start_byte, end, (), inside, redirects, where))
            return "simple"
        if kind == "negated_command":
            for child in node.children:
                if child.is_named:
                    if child.type == "list":
                        raise _Opaque("a negated list")
                    self.statement(child, (*where, "not"), "", top=False)
            return "compound"
        if kind in _COMPOUND:
            self._compound(node, (*where, _COMPOUND[kind]))
            return "compound"
        raise _Opaque(f"a {kind.replace('_', ' ')}")

    def _compound(self, node: Node, where: tuple[str, ...]) -> None:
        statements: list[Node] = []
        for child in node.children:
            kind = child.type
            if kind in _TRANSPARENT:
                self._compound(child, where)
            elif kind in _WORDLIKE:
                self._descend(child, where)
            elif child.is_named or kind in _OPERATORS:
                statements.append(child)
        self.statements(statements, where)

    def _command(
        self,
        node: Node,
        where: tuple[str, ...],
        outer: tuple[Redirect, ...],
        end: int,
        behind: Sequence[Word],
    ) -> None:
        assignments: list[Word] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        previous = -1
        for child in node.children:
            kind = child.type
            if crosses_line(self.text, previous, child.start_byte):
                raise _Opaque("a command across lines")
            touches, previous = child.start_byte == previous, child.end_byte
            if kind == "variable_assignment" and not touches:
                assignments.append(self._word(child, where))
            elif kind == "command_name" and not touches:
                words.append(self._word(child.children[0], where))
            elif kind in _REDIRECTS:
                redirects.append(self._redirect(child, where, words))
            elif kind == "regex":
                raise _Opaque("a pattern outside of a test")
            elif kind in _WORDLIKE or kind == "$":
                word = self._word(child, where)
                if touches and words and words[-1].end == word.start:
                    # Words end at blanks; the grammar cut this one at a `$`.
                    word = self._leaf(words[-1].start, words[-1].raw + word.raw)
                    words.pop()
                elif touches or (words and word.start < words[-1].end):
                    raise _Opaque("words that touch")
                words.append(word)
            elif kind == "comment":
                self.comments.append((child.start_byte, child.end_byte))
            else:
                raise _Opaque(f"a {kind.replace('_', ' ')} inside a command")
        if words and words[0].raw in ("time", "{", "}", "coproc", *_KEYWORDS):
            raise _Opaque(f"{words[0].raw} as a command")
        words += behind
        self._add(Command(node.start_byte, end, tuple(assignments), tuple(words), (*redirects, *outer), where))

    def _redirects(self, nodes: list[Node], where: tuple[str, ...], behind: list[Word]) -> tuple[Redirect, ...]:
        return tuple(self._redirect(n, where, behind) for n in nodes if n.type in _REDIRECTS)

    def _redirect(self, node: Node, where: tuple[str, ...], behind: list[Word]) -> Redirect:
        """Read a redirection; the words that the grammar hung on it are the command's, and go to `behind`."""
        if node.type == "heredoc_redirect":
            raise _Opaque("a heredoc inside a script")
        if follows_number(self.text, node.start_byte):
            raise _Opaque("a file descriptor as a word")
        operator = ""
        targets: list[Word] = []
        for child in node.children:
            if child.type == "file_descriptor":
                continue
            if child.type in _WORDLIKE or (child.type == "$" and targets):
                word = self._word(child, where)
                if targets and targets[-1].end == word.start:
                    word = self._leaf(targets[-1].start, targets.pop().raw + word.raw)
                targets.append(word)
            elif not child.is_named:
                operator = child.type
        behind += targets[1:]
        end = targets[0].end if targets else node.end_byte
        return Redirect(node.start_byte, end, operator, targets[0] if targets else None)

    def _add(self, command: Command) -> None:
        self.commands.append(command)

    def _raw(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _word(self, node: Node, where: tuple[str, ...]) -> Word:
        self._descend(node, where)
        raw = self._raw(node)
        if node.type in ("word", "concatenation") and holds_bare_blank(raw):
            raise _Opaque("a word with blanks")
        return self._leaf(node.start_byte, raw)

    def _leaf(self, start: int, raw: str) -> Word:
        return Word(start, start + len(raw), raw, static_value(raw))

    def _descend(self, node: Node, where: tuple[str, ...]) -> None:
        """Find the commands inside a word's substitutions, and the grammar's known slips."""
        if not node.child_count:
            return
        raw = self._raw(node)
        if "$" not in raw and "`" not in raw and "(" not in raw:
            return
        if node.type in ("command_substitution", "process_substitution"):
            if raw.startswith("`") and ("`" in raw[1:-1] or "\\" in raw):
                raise _Opaque("escapes inside backticks")
            inside = [c for c in node.children if c.type not in ("$(", ")", "`", "<(", ">(")]
            steps = self.steps
            self.statements(inside, (*where, "substitution"))
            self.steps = steps
            return
        if node.type == "expansion" and ("`" in raw or "$(" in raw) and not _holds_substitution(node):
            raise _Opaque("a substitution inside an expansion")
        for child in node.children:
            kind = child.type
            if kind == "heredoc_body":
                raise _Opaque("a heredoc inside a script")
            if child.child_count:
                self._descend(child, where)
            elif kind == "ERROR":
                raise _Opaque("an error in a word")


def _holds_substitution(node: Node) -> bool:
    return any(c.type == "command_substitution" or _holds_substitution(c) for c in node.children)
