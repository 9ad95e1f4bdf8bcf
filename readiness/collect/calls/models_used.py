"""Which models a call can use, and where its inference runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.models_declared import Declared
from readiness.collect.link.arguments import argument
from readiness.collect.link.found import CallFinder, FoundCall, Link, Variant, url_text
from readiness.collect.link.scopes import Scope
from readiness.collect.link.shipped import Defaults, Shipped
from readiness.collect.link.spans import span_at
from readiness.collect.link.values import Constant, Environment, External, Value
from readiness.knowledge.model_ids import split_prefix
from readiness.knowledge.model_table import ModelTable, looks_like_model_id, provider_of
from readiness.knowledge.zones import platform_of_host, zone_of
from readiness.model import GENERATIVE, Model, Span

_LOCAL_PLATFORMS: Final = frozenset({"local", "ollama", "vllm", "llamacpp", "huggingface_local"})
_FIRST_PARTY: Final = frozenset({"openai", "anthropic", "gemini", "cohere", "mistral"})
"""Platforms that answer for their own models alone."""
_HOSTED: Final = frozenset({"openai", "anthropic", "gemini"})
"""Platforms whose models nobody else can run."""
_NO_TEXT: Final = re.compile(r"(?i)embed|rerank|moderation|whisper|transcribe|tts|dall-e|gpt-image|imagen|stable-diffusion")
"""Names of models that answer with no text of their own."""
_LONGEST_ID: Final = 160


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call goes: provider and platform, host as far as it is known, and the zone it lies in."""

    provider: str
    platform: str
    host: str | None
    host_resolved: bool
    zone: str


@dataclass(frozen=True, slots=True)
class _Id:
    text: str
    origin: str
    span: Span
    link: Link
    written: bool = False
    """Whether the call itself writes it out, and names a model by that."""


class ModelsUsed:
    """Answers for the models and places of found calls."""

    def __init__(self, finder: CallFinder, table: ModelTable, as_of: date, declared: tuple[Declared, ...] = ()) -> None:
        """`declared` answers for calls whose model is picked at run time from what the application offers."""
        self.declared = declared
        self.finder = finder
        self.resolver = finder.resolver
        self.defaults = Defaults(finder.resolver, Shipped(finder.resolver.program))
        self.table = table
        self.as_of = as_of

    def models(self, found: FoundCall, place: Place) -> tuple[tuple[Model, ...], bool]:
        """Every model the call can use, and whether that is all of them."""
        resolved = True
        ids: dict[str, Model] = {}
        for variant in self._ways(found):
            local = any(link.entry.local for link in variant.links)
            texts, complete = self._ids(variant)
            resolved = resolved and complete
            for each in texts:
                if self._is_foreign(each.text, variant) or not (each.written or self._is_id(each.text, place)):
                    continue
                model = self._model(each, variant, place, local=local)
                if each.text not in ids or model.platform == provider_of(each.text)[1] != ids[each.text].platform:
                    ids[each.text] = model  # of several ways the one to the model's own platform
        known = bool(ids)
        if not resolved and found.kind in GENERATIVE:
            offered = tuple(self._offered(place))
            for model in offered:
                ids.setdefault(model.id, model if not known else replace(model, default=False))
        return tuple(ids[text] for text in sorted(ids)), resolved

    def _offered(self, place: Place) -> Iterator[Model]:
        """The declared models that write text and that this call's provider answers for; none of a vendor runs on local weights."""
        for each in self.declared:
            platform = provider_of(each.id)[1]
            if place.provider not in ("unknown", each.provider) and place.platform not in ("unknown", platform):
                continue
            if each.gateway and place.host is None and place.host_resolved and place.platform in _FIRST_PARTY:
                continue
            if _NO_TEXT.search(each.id) or (place.platform in _LOCAL_PLATFORMS and platform in _HOSTED):
                continue
            at = platform if place.platform == "unknown" or _is_prefixed(each.id) else place.platform
            described = self.table.describe(each.id, platform=at, provider=each.provider, as_of=self.as_of)
            yield Model(
                each.id, each.span, "declared", described.pin, each.default, described.retires, described.listed,
                note=described.note, provider=each.provider, platform=at,
            )  # fmt: skip

    def _model(self, each: _Id, variant: Variant, place: Place, *, local: bool) -> Model:
        platform, own = self._platform(variant, each.text) or place.platform, provider_of(each.text)[1]
        if platform in _FIRST_PARTY and own in _FIRST_PARTY:
            platform = own  # a vendor answers for no other's models, so another way leads there
        described = self.table.describe(
            each.text,
            platform="local" if local else platform,
            provider=place.provider,
            as_of=self.as_of,
            revision=self._revision(variant),
        )
        return Model(
            each.text, each.span, each.origin, described.pin, each.origin != "selectable", described.retires, described.listed,
            local or platform in _LOCAL_PLATFORMS, described.note, _maker(each.text, place), platform,
        )  # fmt: skip

    def _revision(self, variant: Variant) -> str | None:
        for handed in self.finder.role(variant, "revision").found:
            for value in self.resolver.values(handed.expr, handed.scope):
                if isinstance(value, Constant) and isinstance(value.value, str):
                    return value.value
        return None

    def _ids(self, variant: Variant) -> tuple[list[_Id], bool]:
        """The ids that the nearest layer with a model names; a model object on the way sends the question on to its own layer."""
        complete = True
        for link in variant.links:
            ids: list[_Id] = []
            asked = undecided = False
            for place in link.entry.role("model"):
                lookup = argument(self.resolver, link.step.call, link.step.scope, place)
                asked = asked or bool(lookup.found)
                for handed in lookup.found:
                    for value in self.resolver.values(handed.expr, handed.scope):
                        said = self._id(value, link, handed.scope, handed.line)
                        if said is None:
                            complete = complete and (isinstance(value, External) and bool(self.finder.links_of(value)))
                        elif said.text:
                            ids.append(replace(said, written=isinstance(handed.expr, ir.Literal)))
                if lookup.found:
                    break
                undecided = undecided or lookup.open
            complete = complete and not undecided
            if ids:
                return ids, complete
            default = link.entry.default("model")
            if not asked and not undecided and isinstance(default, str):
                return [_Id(default, "library_default", span_at(link.step.scope, link.step.call.line), link)], complete
        return [], False

    @staticmethod
    def _is_id(text: str, place: Place) -> bool:
        """Whether a text can name a model there; on all but a maker's own platform, models and their aliases are named freely."""
        return place.platform not in _FIRST_PARTY or looks_like_model_id(text) or provider_of(text)[1] == place.platform

    def _is_foreign(self, model_id: str, variant: Variant) -> bool:
        """Whether an id is another vendor's, so that a table of providers never leads it to this client."""
        platform = next((link.entry.platform for link in reversed(variant.links) if link.entry.platform), "")
        if platform not in _FIRST_PARTY or self._hosts(variant) != ([], False):
            return False
        return provider_of(model_id)[1] in _FIRST_PARTY - {platform}

    @staticmethod
    def _id(value: Value, link: Link, scope: Scope, line: int) -> _Id | None:
        match value:
            case Constant(value=str() as text) if len(text) <= _LONGEST_ID and "\n" not in text:
                return _Id(text.strip(), value.origin, Span(value.path, value.line, value.line), link)
            case Constant(value=None):
                return _Id("", "literal", span_at(scope, line), link)
            case Environment():
                return None
            case _:
                return None

    def _platform(self, variant: Variant, model_id: str) -> str:
        """The platform that the endpoint, a client or the id's own prefix names."""
        if variant.endpoint is not None and variant.endpoint.platform:
            return variant.endpoint.platform
        named = (self._switched(link) or link.entry.platform for link in reversed(variant.links))
        return next((platform for platform in named if platform), "") or provider_of(model_id)[1]

    def _switched(self, link: Link) -> str:
        """The platform that an argument of a client switches it to (`vertexai=True`)."""
        for name, platform in (link.entry.platforms or {}).items():
            for handed in argument(self.resolver, link.step.call, link.step.scope, name).found:
                if not all(isinstance(v, Constant) and not v.value for v in self.resolver.values(handed.expr, handed.scope)):
                    return platform
        return ""

    # ------------------------------------------------------------------------------------------------------ places

    def place(self, found: FoundCall) -> Place:
        """Where the call goes; of several ways the one of nothing configured, of several hosts one outside the own network."""
        variant = self._ways(found)[0]
        hosts, open_host = self._hosts(variant)
        host = next((each for each in hosts if platform_of_host(each)[1] not in _LOCAL_PLATFORMS), hosts[0] if hosts else None)
        provider = (variant.endpoint.provider if variant.endpoint else "") or self._provider(variant)
        platform = self._platform(variant, "") if not host else ""
        by_host = platform_of_host(host) if host else ("", "")
        if by_host[1] not in ("", "unknown"):
            provider, platform = (by_host[0] if by_host[0] not in ("", "unknown") else provider), by_host[1]
        texts, _ = self._ids(variant)
        for each in texts:
            said = provider_of(each.text)
            provider = provider or (said[0] if said[0] != "unknown" else "")
            platform = platform if platform not in ("", "unknown") else said[1]
        platform = platform or self._platform(variant, "")
        region = self._region(variant)
        zone = zone_of(host, provider, platform, region, model=texts[0].text if texts else "")
        local = any(link.entry.local for link in variant.links)
        return Place(provider or "unknown", platform or "unknown", host or region, not open_host, "local" if local else str(zone))

    def _ways(self, found: FoundCall) -> tuple[Variant, ...]:
        """The ways a call can go: first those made as shipped, with the fewest conditions to wait for, that an id names."""
        if len({self._platform(variant, "") for variant in found.variants}) == 1:
            return found.variants
        return tuple(sorted(found.variants, key=self._order))

    def _order(self, way: Variant) -> tuple[bool, int, bool, bool]:
        return (*self._conditions(way), self._is_misnamed(way), not self._is_the_declared(way))

    def _is_misnamed(self, variant: Variant) -> bool:
        """Whether every id on this way names another platform (`openai:gpt-4o` at a client of Azure)."""
        named = {provider_of(each.text)[1] for each in self._ids(variant)[0] if _is_prefixed(each.text)}
        return bool(named) and self._platform(variant, "") not in named

    def _is_the_declared(self, variant: Variant) -> bool:
        """Whether a model offered by default is answered there, which tells of a table of every vendor's clients."""
        return self._platform(variant, "") in {provider_of(each.id)[1] for each in self.declared if each.default}

    def _conditions(self, variant: Variant) -> tuple[bool, int]:
        """Whether a client on the way is not made as shipped, and how many conditions of unknown worth must hold for it."""
        sites = (site for link in variant.links[1:] if (site := self.resolver.program.site_of(link.step.call)) is not None)
        tests = [(test, wanted, self.defaults.truth(test, site.scope)) for site in sites for test, wanted in site.context.tests]
        off = any(truth is not None and truth is not wanted for _, wanted, truth in tests)
        return off, sum(truth is None and wanted is not _is_negated(test) for test, wanted, truth in tests)

    @staticmethod
    def _provider(variant: Variant) -> str:
        return next((link.entry.provider for link in reversed(variant.links) if link.entry.provider), "")

    def _hosts(self, variant: Variant) -> tuple[list[str], bool]:
        carried = self.finder.role(variant, "base_url")
        texts: list[str] = []
        undecided = carried.open
        for handed in carried.found:
            for value in self.resolver.values(handed.expr, handed.scope):
                text = url_text(self.resolver, value)
                if text.startswith(("http", "ws")):
                    texts.append(text)
                elif not (isinstance(value, Constant) and value.value is None):
                    undecided = True
        return sorted(texts), undecided

    def _region(self, variant: Variant) -> str | None:
        return next(iter(self._constants(variant, "region")), None)

    def _constants(self, variant: Variant, role: str) -> Iterator[str]:
        for handed in self.finder.role(variant, role).found:
            for value in self.resolver.values(handed.expr, handed.scope):
                if isinstance(value, Constant) and isinstance(value.value, str):
                    yield value.value


def _is_negated(test: ir.Expr) -> bool:
    return isinstance(test, ir.Opaque) and test.kind == "not"


def _is_prefixed(model_id: str) -> bool:
    """Whether an id names its own platform (`openai:gpt-4o`, `azure/chat`)."""
    return bool(split_prefix(model_id.lower())[0])


def _maker(model_id: str, place: Place) -> str:
    """Who makes a model, by its id or else by where it is called."""
    made = provider_of(model_id)[0]
    return made if made != "unknown" else place.provider
