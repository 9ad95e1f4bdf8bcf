"""Markup of web pages that model text becomes: HTML that is set, and components that render Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readiness.collect import ir
from readiness.collect.link.scopes import Scope, Site
from readiness.collect.link.spans import span_at, span_of
from readiness.collect.link.values import External, Routine
from readiness.collect.link.walk import expressions, statements
from readiness.collect.trust.sinks_markup import ChatText
from readiness.collect.trust.sinks_safety import Safety
from readiness.collect.trust.sinks_served import Served
from readiness.collect.trust.sinks_text import Texts
from readiness.knowledge.sinks import Renderer, Sinks
from readiness.model import OutputSink

_HTML: Final = frozenset({"innerHTML", "outerHTML", "srcdoc"})
_PLAIN_TEXT: Final = frozenset({"textContent", "innerText"})
_WRAPPERS: Final = 3
"""Functions of the program entered, one inside the other, to see whether they sanitise."""


class Pages:
    """Finds markup sinks in one scope."""

    def __init__(self, texts: Texts, sinks: Sinks, safety: Safety, served: Served) -> None:
        self.texts = texts
        self.flow = texts.flow
        self.resolver = texts.flow.resolver
        self.sinks = sinks
        self.safety = safety
        self.chat = ChatText(texts.flow.resolver, served)

    def find(self, scope: Scope) -> Iterator[OutputSink]:
        """Elements and assignments of `scope` that turn model text into markup."""
        if scope.module.code.language != "typescript":
            return
        for site in scope.sites:
            if site.call.jsx:
                yield from self._element(site)
        for statement, _ in statements(scope.node.body):
            if isinstance(statement, ir.Assign) and statement.value is not None:
                match statement.target:
                    case ir.Member(name=name) if name in _HTML:
                        sink = self._html(statement.value, scope)
                        if sink is not None:
                            yield OutputSink(span_at(scope, statement.line), scope.module.scope, "html", *sink)
                    case _:
                        continue

    def _element(self, site: Site) -> Iterator[OutputSink]:
        for keyword in site.call.keywords:
            if keyword.name == "dangerouslySetInnerHTML":
                sink = self._html(keyword.value, site.scope)
                if sink is not None:
                    yield OutputSink(span_of(site), site.scope.module.scope, "html", *sink)
        renderer = self._renderer(site)
        if renderer is not None:
            source = self._rendered(site, renderer)
            if source is not None:
                text, call = source
                yield OutputSink(span_of(site), site.scope.module.scope, "markdown", self._markdown_safety(site), text, call)

    # --------------------------------------------------------------------------------------------------------- html

    def _html(self, expr: ir.Expr, scope: Scope) -> tuple[str, str, str | None] | None:
        """Safety, source and call of model text that is set as HTML; None where no model text is seen."""
        found = self.texts.of(expr, scope)
        if found:
            safety = self.safety.passed("html", found)
            return (safety if safety != "none" else self._cleaned(expr, scope), found[0].source, found[0].call)
        source = self.chat.source(expr, scope)
        if source is None:
            return None
        return self._cleaned(expr, scope), source, None

    def _cleaned(self, expr: ir.Expr, scope: Scope) -> str:
        """Whether a sanitiser stands in the expression itself or in what its names are bound to, whichever way is taken."""
        ways = [expr]
        if isinstance(expr, ir.Choice):
            ways = [each for each in expr.options if self.texts.of(each, scope) or self.chat.source(each, scope) is not None]
        return "safe" if all(self._is_sanitised(each, scope) for each in ways) else "none"

    def _is_sanitised(self, expr: ir.Expr, scope: Scope) -> bool:
        return any(isinstance(part, ir.Call) and self._cleans(part, at, 0) for part, at in self._unfolded(expr, scope, 0))

    def _cleans(self, call: ir.Call, scope: Scope, depth: int) -> bool:
        """A sanitiser, an escape written out, or a function of the program that returns nothing else."""
        if _escapes(call) or any(target.path in self.sinks.safe["html"] for target in self.flow.targets(call, scope)):
            return True
        functions = (
            [v.scope for v in self.resolver.values(call.callee, scope) if isinstance(v, Routine)] if depth < _WRAPPERS else []
        )
        return bool(functions) and all(
            function.returns and all(self._is_clean(result, function, depth + 1) for result in function.returns)
            for function in functions
        )

    def _is_clean(self, result: ir.Expr, function: Scope, depth: int) -> bool:
        """Also `node.innerHTML` after the text was set as `node.textContent`, which escapes it."""
        if isinstance(result, ir.Literal):
            return True
        if isinstance(result, ir.Member) and result.name == "innerHTML":
            targets = (s.target for s, _ in statements(function.node.body) if isinstance(s, ir.Assign))
            return any(isinstance(target, ir.Member) and target.name in _PLAIN_TEXT for target in targets)
        return any(isinstance(part, ir.Call) and self._cleans(part, function, depth) for part in expressions(result))

    def _unfolded(self, expr: ir.Expr, scope: Scope, depth: int) -> Iterator[tuple[ir.Expr, Scope]]:
        for part in expressions(expr):
            yield part, scope
            if isinstance(part, ir.Name) and depth < 4:
                for binding in self.resolver.bindings(part.id, scope):
                    inner = getattr(binding, "expr", None)
                    if inner is not None and inner is not expr:
                        yield from self._unfolded(inner, binding.scope, depth + 1)

    # ----------------------------------------------------------------------------------------------------- markdown

    def _renderer(self, site: Site) -> Renderer | None:
        for value in self.resolver.values(site.call.callee, site.scope):
            if isinstance(value, External):
                found = self.sinks.renderers.get(value.path) or self._wrapped(value)
                if found is not None:
                    return found
        return None

    def _wrapped(self, value: External) -> Renderer | None:
        """`memo(ReactMarkdown)` renders what `ReactMarkdown` does."""
        for step in value.steps[-1:]:
            for arg in step.call.args[:1]:
                for inner in self.resolver.values(arg, step.scope):
                    if isinstance(inner, External) and inner is not value:
                        return self.sinks.renderers.get(inner.path)
        return None

    def _rendered(self, site: Site, renderer: Renderer) -> tuple[str, str | None] | None:
        if renderer.ambient:
            return "The text of a chat message (the one around it)", None
        exprs = [*site.call.args]
        exprs += [keyword.value for keyword in site.call.keywords if keyword.name in renderer.content or keyword.name is None]
        for expr in exprs:
            found = self.texts.of(expr, site.scope)
            if found:
                return found[0].source, found[0].call
        for expr in exprs:
            source = self.chat.source(expr, site.scope)
            if source is not None:
                return source, None
        spread = any(keyword.name is None for keyword in site.call.keywords)
        return self._children(site) if spread else None

    def _children(self, site: Site) -> tuple[str, str | None] | None:
        """`<Renderer {...props} />` renders the children of its own component."""
        scope: Scope | None = site.scope
        while scope is not None and not isinstance(scope.node, ir.Function):
            scope = scope.parent
        found = self.chat.children(scope) if scope is not None else None
        return (f"The text of a chat message ({found})", None) if found is not None else None

    def _markdown_safety(self, site: Site) -> str:
        """Raw HTML needs a sanitiser; without a limit on images an address that the model writes is fetched."""
        plugins = [
            part
            for keyword in site.call.keywords
            if keyword.name in ("rehypePlugins", "remarkPlugins")
            for part in self._unfolded(keyword.value, site.scope, 0)
        ]
        paths = [
            value.path
            for part, scope in plugins
            if isinstance(part, ir.Name | ir.Member)
            for value in self.resolver.values(part, scope)
            if isinstance(value, External)
        ]
        if any(path in self.sinks.raw_plugins for path in paths) and not any(path in self.sinks.clean_plugins for path in paths):
            return "none"
        limited = any(keyword.name in self.sinks.image_limits for keyword in site.call.keywords)
        replaced = any(
            self._replaces_images(keyword.value, site.scope) for keyword in site.call.keywords if keyword.name == "components"
        )
        return "safe" if limited or replaced else "weak"

    def _replaces_images(self, expr: ir.Expr, scope: Scope) -> bool:
        """Whether images are rendered by a component of the page that loads nothing from their address."""
        for part, at in self._unfolded(expr, scope, 0):
            if isinstance(part, ir.Mapping):
                for key, value in part.entries:
                    if isinstance(key, ir.Literal) and key.value == "img":
                        return not self._loads(value, at)
        return False

    def _loads(self, component: ir.Expr, scope: Scope) -> bool:
        """Whether a component hands an address on to what it renders."""
        for value in self.resolver.values(component, scope):
            if isinstance(value, Routine):
                return any(
                    keyword.name in ("src", None) for site in value.scope.sites if site.call.jsx for keyword in site.call.keywords
                )
        return True


def _escapes(call: ir.Call) -> bool:
    """`text.replace(/</g, "&lt;")`."""
    match call:
        case ir.Call(callee=ir.Member(name="replace" | "replaceAll"), args=(what, ir.Literal(value="&lt;"))):
            return (what.text if isinstance(what, ir.Opaque) else getattr(what, "value", "")) in ("/</g", "<")
        case _:
            return False
