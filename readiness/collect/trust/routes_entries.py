"""Entry points: the functions that a framework calls when somebody outside sends something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from readiness.collect import ir
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.scopes import Defined, Scope, Site
from readiness.collect.link.values import Constant, External, Instance, Routine
from readiness.knowledge.routes import EntryKind, Framework, Frameworks

_VERBS: Final = frozenset({"get", "post", "put", "patch", "delete", "all", "route", "websocket"})
_EXPORTED: Final = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SCRIPT_UI: Final = ("streamlit.",)
_TASKS: Final = frozenset(
    {"chat_input", "text_input", "text_area", "file_uploader", "button", "set_page_config", "title", "write", "markdown"}
)


_WORKER: Final = {"fetch": EntryKind.HTTP, "email": EntryKind.QUEUE, "queue": EntryKind.QUEUE, "scheduled": EntryKind.QUEUE}
"""What an edge runtime calls on the object that a module exports."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A function that answers requests, messages or jobs; the module itself for a page that runs from top to bottom.

    `around` are the expressions that stand around the function: its decorators, and what else is registered with it.
    """

    scope: Scope
    kind: EntryKind
    framework: str
    path: str
    around: tuple[tuple[ir.Expr, Scope], ...] = ()


def entries(resolver: Resolver, frameworks: Frameworks) -> Mapping[int, Entry]:
    """Every entry point of the program, by the identity of its scope."""
    finder = _Finder(resolver, frameworks)
    found: dict[int, Entry] = {}
    for entry in finder.all():
        found.setdefault(id(entry.scope), entry)
    return found


class _Finder:
    def __init__(self, resolver: Resolver, frameworks: Frameworks) -> None:
        self.resolver = resolver
        self.frameworks = frameworks

    def all(self) -> Iterator[Entry]:
        for scope in self.resolver.program.scopes():
            if isinstance(scope.node, ir.Function):
                yield from self._decorated(scope)
                yield from self._conventional(scope)
                yield from self._table(scope)
            elif isinstance(scope.node, ir.Class):
                yield from self._methods(scope)
            else:
                yield from self._page(scope)
                yield from self._exported(scope)
                yield from self._worker(scope)
            for site in scope.sites:
                yield from self._registered(site)

    # -------------------------------------------------------------------------------------------------- decorators

    def _decorated(self, scope: Scope) -> Iterator[Entry]:
        node = scope.node
        assert isinstance(node, ir.Function)
        outer = scope.parent or scope
        around = tuple((decorator, outer) for decorator in node.decorators)
        for decorator in node.decorators:
            framework = self._decorator(decorator, outer)
            if framework is not None:
                yield Entry(scope, framework.kind, framework.name, self._path(decorator, outer) or node.name, around)
                return

    def _decorator(self, decorator: ir.Expr, outer: Scope) -> Framework | None:
        callee = decorator.callee if isinstance(decorator, ir.Call) else decorator
        for value in self.resolver.values(callee, outer):
            if not isinstance(value, External):
                continue
            framework = self.frameworks.decorators.get(value.path)
            if framework is not None:
                return framework
            verb = value.path.rsplit(".", 1)[-1]
            if verb in _VERBS and self._path(decorator, outer).startswith("/"):
                return Framework("http", EntryKind.WEBSOCKET if verb == "websocket" else EntryKind.HTTP)
        return None

    def _path(self, call: ir.Expr, scope: Scope) -> str:
        if not isinstance(call, ir.Call):
            return ""
        named = [keyword.value for keyword in call.keywords if keyword.name in ("path", "route", "rule", "name")]
        for expr in (*call.args[:1], *named):
            for value in self.resolver.values(expr, scope):
                if isinstance(value, Constant) and isinstance(value.value, str):
                    return value.value
        return ""

    # ------------------------------------------------------------------------------------------------- conventions

    def _conventional(self, scope: Scope) -> Iterator[Entry]:
        """Serverless handlers, known by their name and parameters alone."""
        node = scope.node
        assert isinstance(node, ir.Function)
        names = [parameter.name for parameter in node.parameters]
        if node.name in ("lambda_handler", "handler") and names[:2] == ["event", "context"]:
            yield Entry(scope, EntryKind.HTTP, "aws-lambda", node.name)
        for parameter in node.parameters:
            if parameter.annotation is not None and any(
                isinstance(value, External) and value.path in ("azure.functions.HttpRequest", "functions_framework.Request")
                for value in self.resolver.typed(parameter.annotation, scope)
            ):
                yield Entry(scope, EntryKind.HTTP, "azure-functions", node.name)

    def _exported(self, root: Scope) -> Iterator[Entry]:
        """Route files of web frameworks, whose exports are the handlers."""
        path = root.module.path
        framework, wanted, kind = _route_file(path, root)
        if not framework:
            return
        for statement in root.node.body:
            match statement:
                case ir.Function(exported=True, name=name) if wanted is None or name in wanted:
                    for binding in root.bindings.get(name, ()):
                        if isinstance(binding, Defined):
                            yield Entry(binding.scope, kind, framework, _url(path) or name)
                case ir.Assign(target=ir.Name(id=name), exported=True, value=value) if value is not None and (
                    wanted is None or name in wanted
                ):
                    for scope in self._functions(value, root):
                        yield Entry(scope, kind, framework, _url(path) or name, ((value, root),))
                case _:
                    pass

    def _worker(self, root: Scope) -> Iterator[Entry]:
        """`export default { fetch(request, env) { ... } }`: what edge runtimes call."""
        for statement in root.node.body:
            match statement:
                case ir.Assign(target=ir.Name(id="default"), exported=True, value=ir.Mapping(entries=entries)):
                    for key, value in entries:
                        kind = _WORKER.get(str(key.value)) if isinstance(key, ir.Literal) else None
                        for function in self._functions(value, root) if kind is not None else ():
                            assert kind is not None
                            yield Entry(function, kind, "workers", root.module.path)
                case _:
                    continue

    def _page(self, root: Scope) -> Iterator[Entry]:
        """A script that a UI server runs from top to bottom for each visitor."""
        for site in root.sites:
            callee = site.call.callee
            if isinstance(callee, ir.Member | ir.Name) and (callee.name if isinstance(callee, ir.Member) else callee.id) in _TASKS:
                for value in self.resolver.values(callee, root):
                    if isinstance(value, External) and value.path.startswith(_SCRIPT_UI):
                        yield Entry(root, EntryKind.UI, "streamlit", root.module.path)
                        return

    def _table(self, scope: Scope) -> Iterator[Entry]:
        """A function that returns routes: pairs of a path and a handler."""
        for result in scope.returns:
            for item in result.items if isinstance(result, ir.Sequence) else ():
                match item:
                    case ir.Sequence(items=(ir.Literal(value=str(path)), handler, *_)) if path.lstrip("^").startswith("/"):
                        for function in self._functions(handler, scope):
                            yield Entry(function, EntryKind.HTTP, "http", path)
                    case _:
                        continue

    # --------------------------------------------------------------------------------------------- classes and calls

    def _methods(self, cls: Scope) -> Iterator[Entry]:
        for base in self.resolver.external_bases(cls):
            framework = self.frameworks.classes.get(base.path)
            if framework is not None:
                for method in cls.children:
                    if method.name in framework.methods:
                        yield Entry(method, framework.kind, framework.name, f"{cls.name}.{method.name}")
                return

    def _registered(self, site: Site) -> Iterator[Entry]:
        call = site.call
        if not call.args and not call.keywords:
            return
        for value in self.resolver.values(call.callee, site.scope) if _may_register(call) else ():
            if not isinstance(value, External):
                continue
            for framework in self.frameworks.registrations.get(value.path) or self._unknown(value.path, site):
                handlers = tuple(self._handlers(framework, site))
                around = tuple((arg, site.scope) for arg in call.args[1:])
                for handler in handlers:
                    yield Entry(handler, framework.kind, framework.name, self._path(call, site.scope), around)

    def _unknown(self, path: str, site: Site) -> tuple[Framework, ...]:
        """`x.post("/...", function)` on a receiver nobody knows is a route all the same."""
        verb = path.rsplit(".", 1)[-1]
        if (
            path.startswith(("?", "."))
            and verb in _VERBS
            and len(site.call.args) > 1
            and self._path(site.call, site.scope).startswith("/")
        ):
            return (Framework("http", EntryKind.HTTP),)
        return ()

    def _handlers(self, framework: Framework, site: Site) -> Iterator[Scope]:
        call = site.call
        if isinstance(framework.handler, str):
            for keyword in call.keywords:
                if keyword.name == framework.handler:
                    yield from self._functions(keyword.value, site.scope)
            for arg in call.args:
                if isinstance(arg, ir.Mapping):
                    for key, value in arg.entries:
                        if isinstance(key, ir.Literal) and key.value == framework.handler:
                            yield from self._functions(value, site.scope)
            return
        chosen = call.args[1:] if framework.handler < 0 and len(call.args) > 1 else call.args
        for arg in chosen if framework.handler < 0 else call.args[framework.handler : framework.handler + 1]:
            yield from self._functions(arg, site.scope)

    def _functions(self, expr: ir.Expr, scope: Scope) -> Iterator[Scope]:
        """The functions of the program behind an expression, also inside a wrapper (`asyncHandler(f)`, `View.as_view()`)."""
        for value in self.resolver.values(expr, scope):
            match value:
                case Routine(scope=function):
                    yield function
                case Instance(scope=cls):
                    yield from (child for child in cls.children if child.name == "__call__")
                case _:
                    if isinstance(expr, ir.Call):
                        for arg in expr.args:
                            if isinstance(arg, ir.Lambda | ir.Name):
                                yield from self._functions(arg, scope)


def _may_register(call: ir.Call) -> bool:
    """Cheap pre-check: some argument could be a function."""
    return any(isinstance(arg, ir.Lambda | ir.Name | ir.Member | ir.Call | ir.Mapping) for arg in call.args) or any(
        keyword.name in ("fn", "handler", "view_func", "callback") for keyword in call.keywords
    )


def _route_file(path: str, root: Scope) -> tuple[str, frozenset[str] | None, EntryKind]:
    name = path.rsplit("/", 1)[-1]
    stem = name.split(".", 1)[0]
    script = not path.endswith(".py")
    if script and stem == "route":
        return "next", _EXPORTED, EntryKind.HTTP
    if script and "pages/api/" in path:
        return "next", frozenset({"default"}), EntryKind.HTTP
    if script and stem == "+server":
        return "sveltekit", _EXPORTED, EntryKind.HTTP
    if script and ("app/routes/" in path):
        return "remix", frozenset({"action", "loader"}), EntryKind.HTTP
    if script and ("server/api/" in path or "server/routes/" in path):
        return "nuxt", frozenset({"default"}), EntryKind.HTTP
    first = root.node.body[0] if root.node.body else None
    if script and isinstance(first, ir.Do) and isinstance(first.value, ir.Literal) and first.value.value == "use server":
        return "next-action", None, EntryKind.HTTP
    if script and any(
        isinstance(s, ir.Assign) and isinstance(s.target, ir.Name) and s.target.id == "handler" and s.exported
        for s in root.node.body
    ):
        return "aws-lambda", frozenset({"handler"}), EntryKind.HTTP
    return "", None, EntryKind.HTTP


def _url(path: str) -> str:
    """The URL that a route file answers, by its folders."""
    parts = path.split("/")
    for root in ("app", "pages", "routes"):
        if root in parts:
            inner = [part for part in parts[parts.index(root) + 1 :] if not part.startswith("(")]
            if inner and inner[-1].split(".", 1)[0] in ("route", "+server", "index"):
                inner.pop()
            return "/" + "/".join(part.split(".", 1)[0] for part in inner)
    return ""
