"""Ask registries about images: all references of a run together, within one limit of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from optimizer.catalog.live import Live, LiveFacts, Refusal, Unknown
from optimizer.online.client import Client
from optimizer.online.credentials import Login, find_login
from optimizer.online.names import Name, address_of, is_loopback, read_name
from optimizer.online.options import Options
from optimizer.online.registry import Question, Registries
from optimizer.online.together import together
from optimizer.online.tokens import Authority

_NO_TIME = Unknown("the time for asking was over")


def ask(
    references: Iterable[str],
    options: Options | None = None,
    stored: Mapping[str, Live] | None = None,
    logins: Callable[[str], Login | None] = find_login,
) -> LiveFacts:
    """Return what registries say of image references, each as it is written in a FROM. Never raises.

    `stored` holds older answers by canonical name (`optimizer.online.store`): fresh ones are taken as they are, others
    are confirmed or asked anew, and where a registry does not answer, one that is not stale stands in.
    """
    options = options or Options()
    now = datetime.now(UTC)
    names = {reference: read_name(reference) for reference in references}
    run = _Run(options, stored or {}, now)
    answers = run.answers({name for name in names.values() if name}, logins)
    images: dict[str, Live | Unknown] = {}
    refused: dict[tuple[str, str], list[str]] = {}
    for reference, name in names.items():
        if name is None:
            images[reference] = Unknown("it is no image reference")
            continue
        answer = answers.get(name, _NO_TIME)
        if isinstance(answer, Unknown):
            refused.setdefault((address_of(name, options.mirrors).host, answer.reason), []).append(reference)
            answer = run.older(name, options.stale) or answer
        images[reference] = answer
    return LiveFacts(images, {}, tuple(Refusal(*key, tuple(asked)) for key, asked in refused.items()))


def canonical(reference: str) -> str | None:
    """Return the full name of a reference, under which its answer is stored; None where it is no reference."""
    name = read_name(reference)
    return name.canonical if name else None


class _Run:
    def __init__(self, options: Options, stored: Mapping[str, Live], now: datetime) -> None:
        self.options = options
        self.stored = stored
        self.now = now

    def answers(self, names: Iterable[Name], logins: Callable[[str], Login | None]) -> dict[Name, Live | Unknown]:
        fresh = {name: self.older(name, self.options.fresh) for name in names}
        found: dict[Name, Live | Unknown] = {name: live for name, live in fresh.items() if live is not None}
        open_names = [name for name in fresh if name not in found]
        if not open_names:
            return found
        until = time.monotonic() + self.options.seconds
        client = Client(until, self._is_plain)
        registries = Registries(client, Authority(client, logins))

        def one(name: Name) -> Live | Unknown:
            question = Question(address_of(name, self.options.mirrors), name.digest or name.tag, self.options.platforms)
            try:
                return registries.ask(question, self._known(name), self.now.isoformat(timespec="seconds"))
            except Exception as error:
                return Unknown(f"asking failed ({type(error).__name__}: {error})")

        found |= together(one, open_names, self.options.workers, until)
        client.close()
        return found

    def _is_plain(self, host: str) -> bool:
        return is_loopback(host) or host in self.options.insecure

    def _known(self, name: Name) -> Live | None:
        """Return a stored answer of the very registry that is to be asked."""
        live = self.stored.get(name.canonical)
        return live if live and live.source == address_of(name, self.options.mirrors).host else None

    def older(self, name: Name, seconds: float) -> Live | None:
        """Return a stored answer that is younger than `seconds`, and has the sizes that are wanted."""
        live = self._known(name)
        # What was missing may have come since.
        if (
            live is None
            or not live.exists
            or any(live.is_for(p) and live.size_of(p) is None for p in self.options.platforms)
        ):
            return None
        try:
            age = (self.now - datetime.fromisoformat(live.asked_at)).total_seconds()
        except (ValueError, TypeError):
            return None
        return live if 0 <= age < seconds else None
