"""Screens of text before and after model calls: what they are, whether they can stop it, and which calls they stand at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.found import CallFinder, FoundCall
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import Constant, External, Received
from readiness.collect.link.walk import expressions
from readiness.collect.trust.guards_lists import DenyLists, ProviderBlocks
from readiness.collect.trust.guards_verdicts import Decision, Verdicts, fails_open, switched_off, turns_away
from readiness.collect.trust.routes_reach import Reach
from readiness.collect.trust.sinks_text import Texts
from readiness.knowledge.guards import BOTH, Attachment, Guards, Screen
from readiness.model import GENERATIVE, CallKind, Guard, GuardSide

_MODERATION: Final = Screen("moderation model", BOTH, ("input", "prompt", 0, "0.input"))


@dataclass(frozen=True, slots=True, eq=False)
class _Screening:
    site: Site
    screen: Screen


class GuardFinder:
    """Finds the guards of a program."""

    def __init__(self, finder: CallFinder, texts: Texts, reach: Reach, guards: Guards, calls: tuple[FoundCall, ...]) -> None:
        self.finder = finder
        self.resolver = finder.resolver
        self.texts = texts
        self.reach = reach
        self.guards = guards
        self.calls = tuple(call for call in calls if call.kind in GENERATIVE)
        self.by_call = {id(call.call): call for call in calls}
        self.judges = frozenset(call.id for call in self.calls if self._is_judge(call))
        self.screened = tuple(call for call in self.calls if call.id not in self.judges)

    def find(self) -> tuple[Guard, ...]:
        """All guards, in the order of files and lines."""
        screenings = tuple(self._screenings())
        verdicts = Verdicts(self.resolver, self.texts.flow.base, frozenset(id(each.site.call) for each in screenings))
        found = [guard for each in screenings for guard in self._screen(each, verdicts.of(each.site.call))]
        for site in self.resolver.program.sites():
            found.extend(self._attached(site))
        found.extend(DenyLists(self.texts, self).find())
        found.extend(ProviderBlocks(self.resolver, self.guards, self).find())
        return tuple(sorted(dict.fromkeys(found), key=lambda guard: (guard.span, guard.side, guard.tool)))

    # ------------------------------------------------------------------------------------------------------ screens

    def _screenings(self) -> Iterator[_Screening]:
        for site in self.resolver.program.sites():
            call = self.by_call.get(id(site.call))
            if call is not None:
                if call.kind is CallKind.MODERATION or call.id in self.judges:
                    known = next((s for v in call.variants if (s := self.guards.screens.get(v.path)) is not None), _MODERATION)
                    yield _Screening(site, known if call.kind is CallKind.MODERATION else _MODERATION)
                continue
            name = site.call.callee.name if isinstance(site.call.callee, ir.Member) else getattr(site.call.callee, "id", "")
            if name not in self.guards.tails and not name.startswith(("check", "detect_")):
                continue
            for target in self.texts.flow.targets(site.call, site.scope):
                screen = self.guards.screens.get(target.path)
                if screen is not None:
                    yield _Screening(site, screen)
                    break

    def _is_judge(self, call: FoundCall) -> bool:
        """Whether the call asks a model that judges safety and nothing else."""
        for variant in call.variants:
            for handed in self.finder.role(variant, "model").found:
                for value in self.resolver.values(handed.expr, handed.scope):
                    if isinstance(value, Constant) and self.guards.models.search(str(value.value)):
                        return True
        return False

    def _screen(self, each: _Screening, decisions: tuple[Decision, ...]) -> Iterator[Guard]:
        site = each.site
        answers = self._screened_answers(each)
        ending = tuple(decision for decision in decisions if decision.ends)
        blocks = bool(ending) or (each.screen.raises and turns_away(site.context, self._words(each)))
        places = [(decision.scope, decision.branch.line) for decision in ending] or [(site.scope, site.call.line)]
        for side in self._sides(each, answers):
            calls = self.behind(places) if side is GuardSide.INPUT else tuple(call.id for call in answers)
            state = self._state(site, decisions, calls)
            if not blocks and not calls and state != "unused":
                continue  # looks at text elsewhere, such as what telemetry is about to keep
            yield Guard(span_of(site), site.scope.module.scope, side, each.screen.tool, state, blocks, calls)

    def _state(self, site: Site, decisions: tuple[Decision, ...], calls: tuple[str, ...]) -> str:
        if not calls and self._is_unused(site.scope):
            return "unused"
        if fails_open(site.context, decisions):
            return "fails_open"
        return "off_by_default" if switched_off(self.resolver, site.context, site.scope) else "on"

    def _words(self, each: _Screening) -> frozenset[str]:
        """The names that a screened text goes by."""
        site = each.site
        handed = (found for place in each.screen.text for found in argument(self.resolver, site.call, site.scope, place).found)
        return frozenset(part.id for found in handed for part in expressions(found.expr) if isinstance(part, ir.Name))

    def _is_unused(self, scope: Scope) -> bool:
        return isinstance(scope.node, ir.Function) and len(self.reach.above(scope)) == 1 and not self.reach.from_entries(scope)

    def _screened_answers(self, each: _Screening) -> tuple[FoundCall, ...]:
        """The calls whose answers are screened."""
        found: dict[str, FoundCall] = {}
        ids = {call.id: call for call in self.screened}
        for place in each.screen.text:
            for handed in argument(self.resolver, each.site.call, each.site.scope, place).found:
                for text in self.texts.of(handed.expr, handed.scope):
                    if text.call in ids:
                        found[text.call] = ids[text.call]
        return tuple(found.values())

    def _sides(self, each: _Screening, answers: tuple[FoundCall, ...]) -> tuple[GuardSide, ...]:
        """The side of a screen; both, where one function screens questions as well as answers."""
        if len(each.screen.sides) == 1:
            return each.screen.sides
        if not answers:
            return (GuardSide.INPUT,)
        return BOTH if self._screens_questions(each) else (GuardSide.OUTPUT,)

    def _screens_questions(self, each: _Screening) -> bool:
        """Whether text that no model wrote is screened as well."""
        site = each.site
        handed = [h for place in each.screen.text for h in argument(self.resolver, site.call, site.scope, place).found]
        leaves = [leaf for h in handed for leaf in self.texts.flow.origins(h.expr, h.scope)]
        return any(leaf.answer is None and isinstance(leaf.value, Received | External) for leaf in leaves)

    def behind(self, places: list[tuple[Scope, int]]) -> tuple[str, ...]:
        """The generative calls past one of `places`: later in the same function, or below one that leads there."""
        found = []
        for call in self.screened:
            leading = {id(scope) for scope in self.reach.above(call.site.scope)}
            for scope, line in places:
                if scope is call.site.scope:
                    if call.call.line > line:
                        found.append(call.id)
                        break
                elif self._leads(scope, leading):
                    found.append(call.id)
                    break
        return tuple(dict.fromkeys(found))

    def under(self, sites: list[Site]) -> tuple[str, ...]:
        """The generative calls that some call sites make, directly or through functions of the program."""
        direct = {id(site.call) for site in sites}
        entered = {id(function) for site in sites for function in self.texts.flow.functions(site.call, site.scope)}
        return tuple(
            call.id
            for call in self.screened
            if id(call.call) in direct or any(id(scope) in entered for scope in self.reach.above(call.site.scope))
        )

    def answering(self, expr: ir.Expr, scope: Scope) -> tuple[str, ...]:
        """The generative calls whose answers an expression reads."""
        ids = {call.id for call in self.screened}
        found = (
            text.call
            for part in expressions(expr)
            for text in self.texts.of(part, scope)
            if isinstance(part, ir.Name | ir.Member | ir.Call)
        )
        return tuple(dict.fromkeys(call for call in found if call in ids and call is not None))

    def _leads(self, scope: Scope, leading: set[int]) -> bool:
        """Whether `scope`, or a function that called it on the way, leads on to the call."""
        if id(scope) in leading:
            return True
        return any(id(up) in leading for up in self.reach.above(scope)[1:] if isinstance(up.node, ir.Function))

    # -------------------------------------------------------------------------------------------------- attachments

    def _attached(self, site: Site) -> Iterator[Guard]:
        if not site.call.keywords and not any(isinstance(arg, ir.Mapping) for arg in site.call.args):
            return
        for value in self.resolver.values(site.call.callee, site.scope):
            if not isinstance(value, External):
                continue
            for attachment in self.guards.attachments.get(value.path) or ():
                yield from self._handed(site, attachment)
            middleware = self.guards.middleware.get(value.path)
            if middleware is not None and self._blocks(site, middleware):
                calls = tuple(call.id for call in self.screened if self._is_made_by(call, site))
                yield from (self._guard(site, span_of(site).line, side, middleware.tool, calls) for side in middleware.sides)
            tool = self.guards.runtimes.get(f"{value.path}.__call__" if value.made else value.path)
            if tool is not None:
                calls = tuple(call.id for call in self.screened if call.call is site.call)
                yield from (self._guard(site, site.call.line, side, tool, calls) for side in BOTH)

    def _handed(self, site: Site, attachment: Attachment) -> Iterator[Guard]:
        for keyword in sorted(attachment.keywords):
            for handed in argument(self.resolver, site.call, site.scope, keyword).found:
                if isinstance(handed.expr, ir.Sequence) and not handed.expr.items:
                    continue
                calls = tuple(call.id for call in self.screened if self._is_made_by(call, site))
                yield from (self._guard(site, handed.line, side, attachment.tool, calls) for side in attachment.sides)

    def _guard(self, site: Site, line: int, side: GuardSide, tool: str, calls: tuple[str, ...]) -> Guard:
        state = "off_by_default" if switched_off(self.resolver, site.context, site.scope) else "on"
        return Guard(span_at(site.scope, line), site.scope.module.scope, side, tool, state, blocks=True, calls=calls)

    def _blocks(self, site: Site, attachment: Attachment) -> bool:
        for name, wanted in (attachment.when or {}).items():
            found = argument(self.resolver, site.call, site.scope, name).found
            values = {v.value for h in found for v in self.resolver.values(h.expr, h.scope) if isinstance(v, Constant)}
            if not values & set(wanted):
                return False
        return True

    def _is_made_by(self, call: FoundCall, site: Site) -> bool:
        """Whether a call is the guarded one, or runs an object that the guarded constructor made."""
        if call.call is site.call or any(link.step.call is site.call for variant in call.variants for link in variant.links):
            return True
        exprs = [*call.call.args, *(keyword.value for keyword in call.call.keywords)]
        return any(
            step.call is site.call
            for expr in exprs
            for value in self.resolver.values(expr, call.site.scope)
            if isinstance(value, External)
            for step in value.steps
        )
