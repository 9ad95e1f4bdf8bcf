"""Model calls as linking finds them: the call site, what it matched, and the constructors and steps behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from hashlib import blake2s
from typing import Final

from readiness.collect import ir
from readiness.collect.link.ambient import Ambient
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed, Lookup
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.resolve_words import DEFERRING, PREPARING
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Routine, Step, Structure, Value
from readiness.knowledge.catalog import Catalog, Entry
from readiness.knowledge.endpoints import Endpoint, Endpoints
from readiness.model import CallKind

_NESTING: Final = 5
"""Model objects inside model objects: agent, chain, pipeline, client."""
_VARIANTS: Final = 12
"""Ways kept that one call site can go."""


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One known step of a call: what it is, and the call expression that carries its arguments."""

    entry: Entry
    step: Step


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """One way a call site can go; `links` run from the call itself outwards to constructors and model objects."""

    path: str
    entry: Entry
    links: tuple[Link, ...]
    endpoint: Endpoint | None = None
    decided: CallKind | None = None
    """The kind that an argument's value decides, where the entry lets one."""

    @property
    def kind(self) -> CallKind:
        if self.endpoint is not None:
            return self.endpoint.kind
        if self.decided is not None:
            return self.decided
        assert self.entry.kind is not None
        return self.entry.kind


@dataclass(frozen=True, slots=True)
class Carried:
    """A role of a call: the arguments that carry it, and at which layer (call | client). `open` as in Lookup."""

    found: tuple[Handed, ...]
    layer: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FoundCall:
    """One call site that reaches a model."""

    id: str
    site: Site
    variants: tuple[Variant, ...]

    @property
    def kind(self) -> CallKind:
        return self.variants[0].kind

    @property
    def entry(self) -> Entry:
        return self.variants[0].entry

    @property
    def call(self) -> ir.Call:
        return self.site.call


def _possible(call: ir.Call, names: frozenset[str], stars: tuple[str, ...]) -> bool:
    """Whether the last word of a call's name can lead to a model: most calls of a program cannot, and need no resolution."""
    match call.callee:
        case ir.Name(id=name) | ir.Member(name=name):
            only_maps = name == "map" and bool(call.args) and isinstance(call.args[0], ir.Lambda)
            return not only_maps and (name in names or any(fnmatchcase(name, star) for star in stars))
        case _:
            return True


class CallFinder:
    """Finds the model calls of a program and answers for their roles."""

    def __init__(self, resolver: Resolver, catalog: Catalog, endpoints: Endpoints) -> None:
        self.resolver = resolver
        self.catalog = catalog
        self.endpoints = endpoints
        self.ambient = Ambient(resolver, catalog)

    def find(self) -> tuple[FoundCall, ...]:
        """Every call site that reaches a model, in the order of files and lines."""
        found: list[FoundCall] = []
        seen: dict[str, int] = {}
        names = self._names()
        stars = tuple(sorted(name for name in names if "*" in name))
        for site in self.resolver.program.sites():
            if not _possible(site.call, names, stars):
                continue
            variants = tuple(sorted(_certain(self._variants(site)), key=lambda variant: variant.entry.implicit))[:_VARIANTS]
            if variants:
                key = f"{site.path}:{site.scope.symbol}:{variants[0].entry.name}"
                seen[key] = seen.get(key, 0) + 1
                digest = blake2s(f"{key}:{seen[key]}".encode(), digest_size=4).hexdigest()
                found.append(FoundCall(f"c-{digest}", site, variants))
        return tuple(sorted(found, key=lambda call: (call.site.path, call.call.line, call.id)))

    def _names(self) -> frozenset[str]:
        """Last words of the names that can reach a model in this program: far fewer where it imports no SDK at all."""
        program = self.resolver.program
        if not self.catalog.serves(program.imports):
            return self.catalog.called_names(plain=True)
        return self.catalog.called_names() | DEFERRING | program.holders

    def _variants(self, site: Site) -> Iterator[Variant]:
        seen: set[tuple[object, ...]] = set()
        for value in self._targets(site):
            if isinstance(value, External):
                path = f"{value.path}.__call__" if value.made else value.path
                key = (path, *(id(step.call) for step in value.steps))
                if key not in seen and len(seen) < _VARIANTS:
                    seen.add(key)
                    yield from self._variant(path, value, site)

    def _targets(self, site: Site) -> Iterator[Value]:
        """What a site calls, now or, through an executor, later."""
        for value in self.resolver.values(site.call.callee, site.scope):
            position = None
            if isinstance(value, External) and value.path not in PREPARING:
                position = self.resolver.deferred(value.path, site.call)
            if position is not None:
                yield from self.resolver.values(site.call.args[position], site.scope)
                continue
            yield value
            if isinstance(value, Routine):
                yield from self.resolver.decorated(value.scope)
            elif isinstance(value, Instance):
                yield from self.resolver.member_of(value, "__call__", site.call, site.scope)

    def _variant(self, path: str, value: External, site: Site, *, handed: bool = False) -> Iterator[Variant]:
        match = self.catalog.match(path)
        entry = match.entry if match is not None else None
        if entry is not None and entry.receiver is not None:
            yield from self._handed_over(entry.receiver, value, site) if not handed else ()
            return
        if entry is None or entry.kind is None:
            return
        for links in self._with_ambient(self._chains((*value.steps, Step(path, site.call, site.scope)), 0), entry, site):
            endpoint = self._endpoint(links) if entry.needs == "endpoint" else None
            decided = self._decided(Variant(path, entry, links))
            variant = Variant(path, entry, links, endpoint, decided)
            if decided is not None and self._is_call(variant):
                yield variant

    def _with_ambient(self, chains: tuple[tuple[Link, ...], ...], entry: Entry, site: Site) -> tuple[tuple[Link, ...], ...]:
        """Chains that end without a model go on with the one that is set for the program or block."""
        out: tuple[tuple[Link, ...], ...] = ()
        for chain in chains:
            behind: list[tuple[Link, ...]] = []
            if not any(link.entry.role("model") for link in chain):
                for handed in self.ambient.models(site, entry):
                    behind.extend(self._behind(handed.expr, handed.scope, 1, self._keys(chain)))
            out += _joined((chain,), tuple(behind))
        return out[:_VARIANTS]

    def _is_call(self, variant: Variant) -> bool:
        """Whether a name that is known calls a model here, by the roles it needs."""
        entry = variant.entry
        if entry.needs == "endpoint":
            return variant.endpoint is not None
        needed = (*((entry.needs,) if entry.needs else ()), *(entry.distinctive_with if variant.path.startswith("?.") else ()))
        return all(self.role(variant, role).found for role in needed)

    def _handed_over(self, position: int, value: External, site: Site) -> Iterator[Variant]:
        """`client.send(command)`: the method of the same name that the argument has."""
        method = value.path.rsplit(".", 1)[-1]
        for command in self.resolver.values(site.call.args[position], site.scope) if position < len(site.call.args) else ():
            if isinstance(command, External) and command.made:
                path = f"{command.path}.{method}"
                yield from self._variant(path, External(path, (*value.steps, *command.steps)), site, handed=True)

    def _decided(self, variant: Variant) -> CallKind | None:
        """The kind of the call, by an argument's value where the entry says so; None when that value makes it no model call."""
        for role in variant.entry.kinds or ():
            decided = variant.entry.kind_by(role, self._texts(variant, role))
            if decided is not None:
                return decided[0]
        return variant.entry.kind

    def _texts(self, variant: Variant, role: str) -> Iterator[str]:
        """The texts that a role can be, those in a list too."""
        for handed in self.role(variant, role).found:
            for value in self.resolver.values(handed.expr, handed.scope):
                items = value.expr.items if isinstance(value, Structure) and isinstance(value.expr, ir.Sequence) else ()
                inner = (each for item in items for each in self.resolver.values(item, handed.scope))
                yield from (v.value for v in (value, *inner) if isinstance(v, Constant) and isinstance(v.value, str))

    def _endpoint(self, links: tuple[Link, ...]) -> Endpoint | None:
        """The model API that a request goes to: by its own URL, or by its path behind the address that the client was made with."""
        own = tuple(self._urls(links[:1]))
        bases = tuple(self._urls(links[1:2])) if any("://" not in url for url in own) else ()
        whole = (f"{base.rstrip('/')}/{url.lstrip('/')}" for base in bases for url in own if "://" not in url)
        return next((found for url in (*own, *whole) if (found := self.endpoints.match(url)) is not None), None)

    def _urls(self, links: tuple[Link, ...]) -> Iterator[str]:
        for link in links:
            for place in link.entry.role("base_url"):
                for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                    for value in self.resolver.values(handed.expr, handed.scope):
                        yield from url_texts(self.resolver, value)

    def _chains(self, steps: tuple[Step, ...], hops: int) -> tuple[tuple[Link, ...], ...]:
        """The known steps, innermost first, then those of the model objects they are given: one chain for each way those go."""
        known = tuple(link for step in reversed(steps) if (link := self._link(step)) is not None)
        chains: tuple[tuple[Link, ...], ...] = (known,)
        keys = self._keys(known)
        for link in known if hops < _NESTING else ():
            for place in (*link.entry.role("model"), *link.entry.role("client")):
                for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                    chains = _joined(chains, self._behind(handed.expr, handed.scope, hops + 1, keys))
        return chains

    def _keys(self, links: tuple[Link, ...]) -> frozenset[object]:
        """Constants that pick one of the models which a client holds by name."""
        found: set[object] = set()
        for link in links:
            for place in link.entry.role("key"):
                for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                    found.update(v.value for v in self.resolver.values(handed.expr, handed.scope) if isinstance(v, Constant))
        return frozenset(found)

    def _behind(
        self, expr: ir.Expr, scope: Scope, hops: int, keys: frozenset[object] = frozenset()
    ) -> tuple[tuple[Link, ...], ...]:
        """The chains of a model object: any of several values or of a dict's, all of a list's items together."""
        chains: list[tuple[Link, ...]] = []
        for value in self.resolver.values(expr, scope):
            match value:
                case External(steps=steps) if steps:
                    chains.extend(self._chains(steps, hops))
                case Structure(expr=ir.Sequence(items=items), scope=at) if hops <= _NESTING:
                    joined: tuple[tuple[Link, ...], ...] = ((),)
                    for item in items[:_VARIANTS]:
                        joined = _joined(joined, self._behind(item, at, hops + 1))
                    chains.extend(joined)
                case Structure(expr=ir.Mapping(entries=entries), scope=at) if hops <= _NESTING:
                    picked = [item for key, item in entries if isinstance(key, ir.Literal) and key.value in keys]
                    for item in picked or [item for _, item in entries[:_VARIANTS]]:
                        chains.extend(self._behind(item, at, hops + 1))
                case _:
                    pass
        return tuple(chain for chain in chains if chain)

    def _link(self, step: Step) -> Link | None:
        match = self.catalog.match(step.path)
        if match is not None and match.steps and match.steps[-1][0] == step.path:
            return Link(match.steps[-1][1], step)
        return None

    def links_of(self, value: Value) -> tuple[Link, ...]:
        """The known steps behind any external value: a client or model object."""
        return self._chains(value.steps, 0)[0] if isinstance(value, External) else ()

    def role(self, variant: Variant, name: str) -> Carried:
        """The arguments that carry a role, from the nearest layer that has any."""
        undecided = False
        for position, link in enumerate(variant.links):
            for place in link.entry.role(name):
                lookup: Lookup = argument(self.resolver, link.step.call, link.step.scope, place)
                if lookup.found:
                    return Carried(lookup.found, "call" if position == 0 else "client")
                undecided = undecided or lookup.open
        return Carried((), "", open=undecided)


def _certain(variants: Iterable[Variant]) -> list[Variant]:
    """Without the ways that start at an unknown receiver, where another is known: `client = None` until it is made."""
    found = list(variants)
    return [variant for variant in found if not variant.path.startswith("?.")] or found


def _joined(left: tuple[tuple[Link, ...], ...], right: tuple[tuple[Link, ...], ...]) -> tuple[tuple[Link, ...], ...]:
    """Each chain of the left with each of the right behind it."""
    return tuple((*first, *second) for first in left for second in right)[:_VARIANTS] if right else left


def url_text(resolver: Resolver, value: Value) -> str:
    """A URL as far as it is known: of all that it can be, the first with a scheme."""
    texts = url_texts(resolver, value)
    return next((text for text in texts if text.startswith(("http", "ws"))), texts[0] if texts else "")


def url_texts(resolver: Resolver, value: Value, hops: int = 0) -> tuple[str, ...]:
    """What a URL can be, through the texts it is put together from; holes are written `{name}`."""
    match value:
        case Constant(value=str(text)):
            return (text,)
        case Structure(expr=ir.Template() as template, scope=scope):
            texts: tuple[str, ...] = ("",)
            for part in template.parts:
                pieces = _pieces(resolver, part, scope, hops)
                texts = tuple(f"{text}{piece}" for text in texts for piece in pieces)[:_VARIANTS]
            return texts
        case External(path=path):
            return (f"{{{path}}}",)
        case _:
            return ()


def _pieces(resolver: Resolver, part: ir.Expr, scope: Scope, hops: int) -> tuple[str, ...]:
    if isinstance(part, ir.Literal):
        return (str(part.value),)
    values = resolver.values(part, scope) if hops < _NESTING else ()
    known = tuple(value for value in values if isinstance(value, Constant | Structure))
    texts = (text for value in known for text in url_texts(resolver, value, hops + 1))
    return tuple(dict.fromkeys(texts)) or (f"{{{_label(part)}}}",)


def _label(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case ir.Call(callee=callee):
            return _label(callee)
        case ir.Choice(options=options):
            return _label(options[0]) if options else ""
        case _:
            return ""
