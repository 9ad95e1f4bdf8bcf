"""Model calls as linking finds them: the call site, what it matched, and the constructors and steps behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2s

from readiness.collect import ir
from readiness.collect.link.arguments import Handed, Lookup, argument
from readiness.collect.link.resolve import Resolver, deferred
from readiness.collect.link.scopes import Site
from readiness.collect.link.values import Constant, External, Step, Structure, Value
from readiness.knowledge.catalog import Catalog, Entry
from readiness.knowledge.endpoints import Endpoint, Endpoints
from readiness.model import CallKind

_NESTING = 3


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

    @property
    def kind(self) -> CallKind:
        if self.endpoint is not None:
            return self.endpoint.kind
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


class CallFinder:
    """Finds the model calls of a program and answers for their roles."""

    def __init__(self, resolver: Resolver, catalog: Catalog, endpoints: Endpoints) -> None:
        self.resolver = resolver
        self.catalog = catalog
        self.endpoints = endpoints

    def find(self) -> tuple[FoundCall, ...]:
        """Every call site that reaches a model, in the order of files and lines."""
        found: list[FoundCall] = []
        seen: dict[str, int] = {}
        for site in self.resolver.program.sites():
            variants = tuple(self._variants(site))
            if variants:
                key = f"{site.path}:{site.scope.symbol}:{variants[0].entry.name}"
                seen[key] = seen.get(key, 0) + 1
                digest = blake2s(f"{key}:{seen[key]}".encode(), digest_size=4).hexdigest()
                found.append(FoundCall(f"c-{digest}", site, variants))
        return tuple(sorted(found, key=lambda call: (call.site.path, call.call.line, call.id)))

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
            position = deferred(value.path) if isinstance(value, External) else None
            if position is not None and len(site.call.args) > position:
                yield from self.resolver.values(site.call.args[position], site.scope)
            else:
                yield value

    def _variant(self, path: str, value: External, site: Site) -> Iterator[Variant]:
        match = self.catalog.match(path)
        if match is None or match.entry is None or match.entry.kind is None:
            return
        steps = (*value.steps, Step(path, site.call, site.scope))
        links = tuple(self._links(steps, 0))
        endpoint = None
        if match.entry.needs == "endpoint":
            endpoint = self._endpoint(links)
            if endpoint is None:
                return
        elif match.entry.needs and not self.role(Variant(path, match.entry, links), match.entry.needs).found:
            return
        yield Variant(path, match.entry, links, endpoint)

    def _endpoint(self, links: tuple[Link, ...]) -> Endpoint | None:
        for link in links[:1]:
            for place in link.entry.role("base_url"):
                for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                    for value in self.resolver.values(handed.expr, handed.scope):
                        found = self.endpoints.match(url_text(self.resolver, value))
                        if found is not None:
                            return found
        return None

    def _links(self, steps: tuple[Step, ...], hops: int) -> Iterator[Link]:
        """The known steps, innermost first, then those of the model objects that they are given."""
        known = [link for step in reversed(steps) if (link := self._link(step, steps)) is not None]
        yield from known
        if hops >= _NESTING:
            return
        for link in known:
            for role in ("model", "client"):
                for place in link.entry.role(role):
                    for handed in argument(self.resolver, link.step.call, link.step.scope, place).found:
                        for value in self.resolver.values(handed.expr, handed.scope):
                            if isinstance(value, External) and value.steps:
                                yield from self._links(value.steps, hops + 1)

    def _link(self, step: Step, steps: tuple[Step, ...]) -> Link | None:
        match = self.catalog.match(step.path)
        if match is not None and match.steps and match.steps[-1][0] == step.path:
            return Link(match.steps[-1][1], step)
        return None

    def links_of(self, value: Value) -> tuple[Link, ...]:
        """The known steps behind any external value: a client or model object."""
        return tuple(self._links(value.steps, 0)) if isinstance(value, External) else ()

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


def url_text(resolver: Resolver, value: Value) -> str:
    """A URL as far as it is known; holes are written `{name}`."""
    match value:
        case Constant(value=str(text)):
            return text
        case Structure(expr=ir.Template() as template, scope=scope):
            pieces = []
            for part in template.parts:
                if isinstance(part, ir.Literal):
                    pieces.append(str(part.value))
                    continue
                known = [v for v in resolver.values(part, scope) if isinstance(v, Constant) and isinstance(v.value, str)]
                pieces.append(str(known[0].value) if known else f"{{{_label(part)}}}")
            return "".join(pieces)
        case External(path=path):
            return f"{{{path}}}"
        case _:
            return ""


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
