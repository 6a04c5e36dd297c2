"""Reads shell text with tree-sitter-bash into a Script.

tree-sitter-bash reads about 1 % of real RUN scripts wrongly without saying so; the guards here
mend them or make them opaque: words that touch are one word, words that hang on a redirection
are the command's, and doubled backticks, `time` or `{` as a command's name are not understood.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from optimizer.syntax.shell.script import Command, Redirect, Script, Step, Word, static_value

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_ESCAPED_BLANK = re.compile(r"\\[ \t]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
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


def _ends_in_list(node: Node) -> bool:
    return node.type == "list" or (node.type == "redirected_statement" and node.children[0].type == "list")


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
        reader.check_escaped_blanks()
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
        self.swallowed: list[Word] = []
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

    def check_escaped_blanks(self) -> None:
        """An escaped blank belongs to a word; the grammar skips it where one starts."""
        for match in _ESCAPED_BLANK.finditer(self.text):
            at = match.start()
            around = [c for c in self.commands if c.start <= at < c.end]
            if any(start <= at < end for start, end in self.comments):
                continue
            parts: tuple[Word | Redirect, ...] = ()
            if around:
                inner = min(around, key=lambda c: c.end - c.start)
                parts = (*inner.words, *inner.assignments, *inner.redirects)
            if not any(part.start <= at < part.end for part in parts):
                raise _Opaque("an escaped blank outside of a word")

    def statement(self, node: Node, where: tuple[str, ...], operator: str, top: bool) -> None:
        """Read one statement; at the top level, note its steps."""
        kind = node.type
        if kind == "list":
            left, sign, right = self._binary(node)
            self.statement(left, (*where, "tested") if sign == "||" else where, operator, top)
            self.statement(right, (*where, "or") if sign == "||" else where, sign, top)
            return
        if kind == "redirected_statement" and node.children[0].type == "list":
            # The grammar hangs the redirection on the whole list; the shell on its last command.
            self.statement(node.children[0], where, operator, top)
            at = len(self.commands) - 1
            self._redirect_last(node, where)
            if top:
                last = self.steps[-1]
                commands = (*last.commands[:-1], *self.commands[at:])
                self.steps[-1] = last._replace(end=node.end_byte, commands=commands)
            return
        if kind == "pipeline" and _ends_in_list(node.children[0]):
            # The grammar pipes the whole list; the shell only its last command.
            self.statement(node.children[0], where, operator, top)
            at = len(self.commands) - 1
            self.commands[at] = replace(self.commands[at], where=(*self.commands[at].where, "pipeline"))
            for child in node.children[1:]:
                if child.is_named:
                    self._node(child, (*where, "pipeline"))
            if top:
                last = self.steps[-1]
                commands = (*last.commands[:-1], *self.commands[at:])
                self.steps[-1] = last._replace(end=node.end_byte, kind="pipeline", commands=commands)
            return
        first = len(self.commands)
        step_kind = self._node(node, where)
        if top:
            self.steps.append(Step(operator, node.start_byte, node.end_byte, step_kind, tuple(self.commands[first:])))

    def _binary(self, node: Node) -> tuple[Node, str, Node]:
        parts = [c for c in node.children if c.type != "comment"]
        self.comments += [(c.start_byte, c.end_byte) for c in node.children if c.type == "comment"]
        parts = [c for c in parts if c.type != "\n"]
        if len(parts) != 3:
            raise _Opaque("a list that was not understood")
        return parts[0], parts[1].type, parts[2]

    def _node(self, node: Node, where: tuple[str, ...], redirects: tuple[Redirect, ...] = (), end: int = 0) -> str:
        kind = node.type
        if kind == "command":
            self._command(node, where, redirects, end or node.end_byte)
            return "simple"
        if kind == "pipeline":
            for child in node.children:
                if child.is_named:
                    self._node(child, (*where, "pipeline"))
            return "pipeline"
        if kind == "redirected_statement":
            body, *rest = node.children
            if body.type in _REDIRECTS:
                redirects = self._redirects(node.children, where)
                self._add(Command(node.start_byte, node.end_byte, (), self._take_swallowed(), redirects, where))
                return "simple"
            if body.type == "pipeline":
                self._node(body, where)
                self._redirect_last(node, where)
                return "pipeline"
            outer = self._redirects(rest, where)
            if body.type == "command":
                self._command(body, where, outer, node.end_byte, self._take_swallowed())
                return "simple"
            if self.swallowed:
                raise _Opaque("words behind a redirection")
            return self._node(body, where, outer, node.end_byte)
        if kind in ("variable_assignment", "variable_assignments"):
            nodes = node.children if kind == "variable_assignments" else [node]
            words = tuple(self._word(n, where) for n in nodes)
            self._add(Command(node.start_byte, end or node.end_byte, words, (), redirects, where))
            return "simple"
        if kind in _LEAVES:
            words = tuple(self._word(n, where) for n in node.children)
            self._add(Command(node.start_byte, end or node.end_byte, (), words, redirects, where))
            return "simple"
        if kind == "test_command":
            self._descend(node, where)
            inside = tuple(
                self._leaf(m.start() + node.start_byte, m.group()) for m in re.finditer(r"\S+", self._raw(node))
            )
            self._add(Command(node.start_byte, end or node.end_byte, (), inside, redirects, where))
            return "simple"
        if kind == "negated_command":
            for child in node.children:
                if child.is_named:
                    self._node(child, (*where, "not"))
            return "compound"
        if kind == "list":
            self.statement(node, where, "", top=False)
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
        behind: tuple[Word, ...] = (),
    ) -> None:
        assignments: list[Word] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        previous = -1
        for child in node.children:
            kind = child.type
            touches, previous = child.start_byte == previous, child.end_byte
            if kind == "variable_assignment" and not touches:
                assignments.append(self._word(child, where))
            elif kind == "command_name" and not touches:
                words.append(self._word(child.children[0], where))
            elif kind in _REDIRECTS:
                redirects.append(self._redirect(child, where))
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
        words += (*self._take_swallowed(), *behind)
        self._add(Command(node.start_byte, end, tuple(assignments), tuple(words), (*redirects, *outer), where))

    def _take_swallowed(self) -> tuple[Word, ...]:
        """Return the words that the grammar hung on a redirection: they are the command's."""
        words, self.swallowed = tuple(self.swallowed), []
        return words

    def _redirect_last(self, node: Node, where: tuple[str, ...]) -> None:
        """Give the redirections of a statement to the last command of its list or pipeline."""
        body, *rest = node.children
        index = len(self.commands) - 1
        last = self.commands[index]
        redirects = self._redirects(rest, where)
        swallowed = self._take_swallowed()
        if last.end == body.end_byte:
            self.commands[index] = Command(
                last.start,
                node.end_byte,
                last.assignments,
                (*last.words, *swallowed),
                (*last.redirects, *redirects),
                last.where,
            )
        elif swallowed:
            raise _Opaque("words behind a redirection")

    def _redirects(self, nodes: list[Node], where: tuple[str, ...]) -> tuple[Redirect, ...]:
        return tuple(self._redirect(n, where) for n in nodes if n.type in _REDIRECTS)

    def _redirect(self, node: Node, where: tuple[str, ...]) -> Redirect:
        if node.type == "heredoc_redirect":
            raise _Opaque("a heredoc inside a script")
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
        self.swallowed += targets[1:]
        end = targets[0].end if targets else node.end_byte
        return Redirect(node.start_byte, end, operator, targets[0] if targets else None)

    def _add(self, command: Command) -> None:
        self.commands.append(command)

    def _raw(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def _word(self, node: Node, where: tuple[str, ...]) -> Word:
        self._descend(node, where)
        return self._leaf(node.start_byte, self._raw(node))

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
