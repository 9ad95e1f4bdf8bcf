"""Which tests call a model: functions followed by name from a test to the places where the repository calls one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.evals_code import Case, Definition, Module, folder, last_name, nodes, statements

_SCRIPT_SUFFIXES: Final = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs")
# fmt: off
_COMMON: Final = frozenset({
    "add", "all", "any", "append", "close", "copy", "decode", "dict", "dump", "dumps", "encode", "extend", "find", "format", "get",
    "insert", "items", "join", "json", "keys", "load", "loads", "log", "map", "open", "pop", "post", "put", "read", "remove",
    "replace", "reset", "save", "set", "setup", "sort", "split", "start", "stop", "strip", "update", "values", "write",
})
# fmt: on
"""Method names that say nothing of whose method they are."""
_MAX_FUNCTIONS: Final = 2_000
"""Functions followed from one test."""
_MAX_NAMESAKES: Final = 6
"""Methods of one name among which a call may mean any; more of them say nothing."""

Node = tuple[str, str]


class Reach:
    """Answers whether tests reach a model call; built once, holds what it has learned."""

    def __init__(self, modules: Mapping[str, Module], model_sites: Collection[tuple[str, int]]) -> None:
        """Index `modules` by path; `model_sites` are the paths and lines of the repository's own model calls."""
        self._modules = modules
        self._paths = _Paths(modules)
        self._definitions: dict[Node, Definition] = {}
        self._methods: dict[str, list[Node]] = defaultdict(list)
        for path, module in modules.items():
            for definition in module.definitions:
                node = (path, definition.name)
                self._definitions[node] = definition
                if definition.owner:
                    self._methods[definition.function.name].append(node)
        self._known: dict[Node, bool] = dict.fromkeys((self._enclosing(path, line) for path, line in model_sites), True)
        self.known = bool(model_sites)
        """Whether any model call is known at all."""
        self._edges: dict[Node, tuple[Node, ...]] = {}
        self._tables: dict[str, Mapping[str, Definition]] = {}
        self._closures: dict[str, frozenset[str]] = {}

    def _enclosing(self, path: str, line: int) -> Node:
        module = self._modules.get(path)
        around = [d for d in module.definitions if d.function.line <= line <= d.function.end_line] if module else []
        return path, max(around, key=lambda d: d.function.line).name if around else ""

    def fixtures(self, module: Module, names: Collection[str]) -> tuple[tuple[Module, Definition], ...]:
        """The fixtures that a test takes, those they take themselves, and those that are used without being named."""
        homes = [module, *(self._modules[path] for path in _conftests(module.path) if path in self._modules)]
        tables = [(home, self._fixtures(home)) for home in homes]
        found: dict[int, tuple[Module, Definition]] = {}
        pending = [*names, *(name for _, table in tables for name, definition in table.items() if _is_autouse(definition.function))]
        while pending:
            name = pending.pop()
            for home, table in tables:
                definition = table.get(name)
                if definition is not None and id(definition) not in found:
                    found[id(definition)] = (home, definition)
                    pending.extend(parameter.name for parameter in definition.function.parameters)
        return tuple(found.values())

    def _fixtures(self, home: Module) -> Mapping[str, Definition]:
        """The fixtures of a file by the names under which tests ask for them."""
        if home.path not in self._tables:
            named = ((_fixture_name(definition.function), definition) for definition in home.definitions)
            self._tables[home.path] = {name: definition for name, definition in named if name}
        return self._tables[home.path]

    def reaches(self, module: Module, case: Case) -> bool:
        """Whether the test, its fixtures, or anything they call, calls a model."""
        if not self.known:
            return False
        if any(path == module.path and case.line <= line <= case.end_line for path, line in self._sites(module.path)):
            return True
        start = list(self._callees(module, case.body, ""))
        for home, fixture in self.fixtures(module, case.fixtures):
            start.append((home.path, fixture.name))
        return self._search(start)

    def _sites(self, path: str) -> Iterator[tuple[str, int]]:
        for node, known in self._known.items():
            if known and node[0] == path and node in self._definitions:
                yield path, self._definitions[node].function.line

    def _search(self, start: list[Node]) -> bool:
        seen: set[Node] = set()
        pending = start
        while pending and len(seen) < _MAX_FUNCTIONS:
            node = pending.pop()
            known = self._known.get(node)
            if known:
                return True
            if known is None and node not in seen and node in self._definitions:
                seen.add(node)
                pending.extend(self._calls_of(node))
        if not pending:
            self._known.update(dict.fromkeys(seen, False))
        return False

    def _calls_of(self, node: Node) -> tuple[Node, ...]:
        if node not in self._edges:
            definition = self._definitions[node]
            found = self._callees(self._modules[node[0]], definition.function.body, definition.owner)
            self._edges[node] = tuple(dict.fromkeys(found))
        return self._edges[node]

    def _callees(self, module: Module, body: object, owner: str) -> Iterator[Node]:
        """Functions of the repository that a body calls or hands on."""
        for node in nodes(body):
            match node:
                case ir.Name(id=name):
                    yield from self._named(module, name)
                case ir.Member(base=ir.Name(id="self"), name=name) if (module.path, f"{owner}.{name}") in self._definitions:
                    yield module.path, f"{owner}.{name}"
                case ir.Member(base=base, name=name):
                    yield from self._member(module, base, name)
                case _:
                    pass

    def _named(self, module: Module, name: str, depth: int = 0) -> Iterator[Node]:
        if name in module.classes:
            yield from ((module.path, f"{name}.{method}") for method in ("__init__", "constructor", "__call__"))
        if (module.path, name) in self._definitions:
            yield module.path, name
        elif depth < 6:
            for target, original in self._paths.imported(module, name):
                yield from self._named(target, original, depth + 1)

    def _member(self, module: Module, base: ir.Expr, name: str) -> Iterator[Node]:
        if isinstance(base, ir.Name):
            for target, original in self._paths.imported(module, base.id):
                if not original:
                    yield from self._named(target, name)
        candidates = self._methods.get(name, ())
        if name not in _COMMON and candidates:
            near = self._closure(module.path)
            found = [node for node in candidates if node[0] in near]
            yield from found if len(found) <= _MAX_NAMESAKES else ()

    def _closure(self, path: str) -> frozenset[str]:
        """The files that a file imports, directly or through others."""
        if path not in self._closures:
            seen, pending = {path}, [path]
            while pending:
                for target in self._paths.targets(self._modules[pending.pop()]):
                    if target.path not in seen:
                        seen.add(target.path)
                        pending.append(target.path)
            self._closures[path] = frozenset(seen)
        return self._closures[path]


def _conftests(path: str) -> Iterator[str]:
    home = folder(path)
    while True:
        yield f"{home}/conftest.py" if home else "conftest.py"
        if not home:
            return
        home = folder(home)


def _fixture_name(function: ir.Function) -> str:
    """The name under which tests ask for a fixture, '' when the function is none."""
    for decorator in function.decorators:
        if last_name(decorator) in {"fixture", "async_fixture"}:
            keywords = decorator.keywords if isinstance(decorator, ir.Call) else ()
            named = [k.value.value for k in keywords if k.name == "name" and isinstance(k.value, ir.Literal)]
            return str(named[0]) if named else function.name
    return ""


def _is_autouse(function: ir.Function) -> bool:
    return any(
        keyword.name == "autouse" and isinstance(keyword.value, ir.Literal) and keyword.value.value is True
        for decorator in function.decorators
        if isinstance(decorator, ir.Call) and last_name(decorator) == "fixture"
        for keyword in decorator.keywords
    )


class _Paths:
    """Where imports lead inside the repository."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._modules = modules
        self._tails: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in modules:
            stem = _stem(path)
            self._tails[stem.rsplit("/", 1)[-1]].append((stem, path))
        self._links: dict[str, dict[str, tuple[tuple[Module, str], ...]]] = {}

    def imported(self, module: Module, alias: str) -> tuple[tuple[Module, str], ...]:
        """The modules and names in them that a name may mean; the name is '' for the module itself."""
        links = self._imports(module)
        return links.get(alias, ()) + tuple((target, alias) for target, _ in links.get("*", ()))

    def targets(self, module: Module) -> Iterator[Module]:
        for links in self._imports(module).values():
            yield from (target for target, _ in links)

    def _imports(self, module: Module) -> Mapping[str, tuple[tuple[Module, str], ...]]:
        if module.path not in self._links:
            links: dict[str, tuple[tuple[Module, str], ...]] = {}
            for node in statements(module.code.body):
                if isinstance(node, ir.Import):
                    for alias, target, name in self._resolve(module, node):
                        links[alias] = (*links.get(alias, ()), (target, name))
            self._links[module.path] = links
        return self._links[module.path]

    def _resolve(self, module: Module, node: ir.Import) -> Iterator[tuple[str, Module, str]]:
        python = module.code.language == "python"
        alias = "*" if node.name == "*" else node.alias or "*"
        target = self._find(module.path, _as_path(module.path, node.module) if python else node.module)
        inner = (
            self._find(module.path, f"{_as_path(module.path, node.module)}/{node.name}")
            if python and node.name not in {"", "*"}
            else None
        )
        if inner is not None:
            yield alias, inner, ""
        elif target is not None:
            yield alias, target, node.name

    def _find(self, importer: str, name: str) -> Module | None:
        if name.startswith("."):
            wanted = _normal(folder(importer), name)
            exact = True
        else:
            wanted = name.removeprefix("@/").removeprefix("~/").lstrip("/")
            exact = name.startswith("/")
        wanted = _stem(wanted)
        for candidate in (wanted, f"{wanted}/__init__", f"{wanted}/index"):
            known = self._tails.get(candidate.rsplit("/", 1)[-1], ())
            found = [path for stem, path in known if stem == candidate or (not exact and stem.endswith("/" + candidate))]
            if found:
                return self._modules[max(found, key=lambda path: (_shared(path, importer), -len(path)))]
        return None


def _as_path(importer: str, dotted: str) -> str:
    """A Python module as a path; a relative one starts with '/', as it is exact."""
    level = len(dotted) - len(dotted.lstrip("."))
    rest = dotted.lstrip(".").replace(".", "/")
    if not level:
        return rest
    base = folder(importer)
    for _ in range(level - 1):
        base = folder(base)
    return "/" + f"{base}/{rest}".strip("/")


def _normal(base: str, relative: str) -> str:
    parts = base.split("/") if base else []
    for part in relative.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {".", ""}:
            parts.append(part)
    return "/".join(parts)


def _stem(path: str) -> str:
    return next((path[: -len(suffix)] for suffix in (".py", *_SCRIPT_SUFFIXES) if path.endswith(suffix)), path)


def _shared(left: str, right: str) -> int:
    pairs = zip(left.split("/"), right.split("/"), strict=False)
    count = 0
    for a, b in pairs:
        if a != b:
            break
        count += 1
    return count
