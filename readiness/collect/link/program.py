"""The whole program: modules by path and by dotted name, and where an import leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.link.aliases import Aliases
from readiness.collect.link.scopes import Binding, Bound, Defined, Imported, Module, Scope, Site, index_module
from readiness.collect.link.settings_files import ENV_NAME, ConfigIndex
from readiness.model import Scope as FileScope

_TS_SUFFIXES: Final = (".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs")
_TS_ALIASES: Final = ("@/", "~/", "#/", "$lib/", "src/")


class Program:
    """An immutable index of all code files of a repository; built once, then only read."""

    def __init__(
        self,
        codes: Iterable[tuple[ir.Code, FileScope]],
        config: ConfigIndex,
        packages: dict[str, str] | None = None,
        external: frozenset[str] = frozenset(),
    ) -> None:
        """Index `codes`.

        Args:
            codes: every lowered file with its scope.
            config: what configuration files set.
            packages: the folder of each npm workspace package of the repository.
            external: roots of installed packages; a folder of the repository that is named like one is not it.
        """
        self._external = external
        self.config = config
        self.modules = {code.path: index_module(code, scope) for code, scope in codes}
        self._packages = packages or {}
        self._aliases = Aliases(config)
        self._python = _python_names(self.modules)
        self._nested = _nested_names(self.modules)
        self._tails = _tails(self.modules)
        self._sites: dict[int, Site] = {}
        self.dynamic_sites: list[Site] = []
        """Calls of a class or function that a table or a variable holds."""
        self.sites_by_name: dict[str, list[Site]] = defaultdict(list)
        self.definitions: dict[str, list[Scope]] = defaultdict(list)
        self.settings: dict[str, list[tuple[ir.Expr, Scope]]] = defaultdict(list)
        """Entries of module-level tables under keys written like environment variables: defaults of an application's settings."""
        for module in self.modules.values():
            for key, value in _settings(module.code):
                self.settings[key].append((value, module.root))
        self.shared: dict[tuple[str, str], list[Binding]] = defaultdict(list)
        """What any code puts on an object's object, by its last two names."""
        self.holders: set[str] = {name for module in self.modules.values() for name in module.held}
        """Names of what may hold a value that is called: variables, attributes, parameters, aliases, decorated functions."""
        self.imports: set[str] = set()
        """Every module that any file imports, as written."""
        for scope in self.scopes():
            imported = (each for found in scope.bindings.values() for each in found if isinstance(each, Imported))
            self.imports.update(each.node.module for each in imported)
            self.holders.update(_holders(scope))
            for names, bindings in scope.shared.items():
                self.shared[names].extend(bindings)
                self.holders.add(names[-1])
            if scope.parent is not None and scope.name:
                self.definitions[scope.name].append(scope)
            for site in scope.sites:
                self._sites[id(site.call)] = site
                if _is_dynamic(site):
                    self.dynamic_sites.append(site)
                for name in _called_names(site.call):
                    self.sites_by_name[name].append(site)

    def scopes(self) -> Iterator[Scope]:
        """Every scope, outer before inner, in the order of the files."""
        for path in sorted(self.modules):
            stack = [self.modules[path].root]
            while stack:
                scope = stack.pop()
                yield scope
                stack.extend(reversed(scope.children))

    def site_of(self, call: ir.Call) -> Site | None:
        """Where a call expression of the program stands."""
        return self._sites.get(id(call))

    def sites(self) -> Iterator[Site]:
        """Every call of the program."""
        for scope in self.scopes():
            yield from scope.sites

    def module_of(self, node: ir.Import, importer: Module) -> Module | None:
        """The module of the program that an import names, or None for another package's."""
        if importer.code.language == "python":
            return self._python_module(node.module, importer)
        return self._script_module(node.module, importer)

    def submodule(self, module: Module, name: str) -> Module | None:
        """The Python module `name` inside the package `module`."""
        folder = PurePosixPath(module.path).parent
        return self.modules.get(str(folder / f"{name}.py")) or self.modules.get(str(folder / name / "__init__.py"))

    def _python_module(self, dotted: str, importer: Module) -> Module | None:
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            folder = PurePosixPath(importer.path).parent
            for _ in range(level - 1):
                folder = folder.parent
            return self._at(folder, dotted.lstrip("."))
        found = [path for path in self._python.get(dotted, ()) if self._importable(path, dotted, importer)]
        if not found and "." in dotted and dotted.split(".", 1)[0] not in self._external:
            found = self._nested.get(dotted, [])
        if not found:
            sibling = self._at(PurePosixPath(importer.path).parent, dotted)
            return sibling if sibling is not None and not self._is_package(PurePosixPath(importer.path).parent) else None
        return max((self.modules[path] for path in found), key=lambda module: _shared(module.path, importer.path))

    @staticmethod
    def _importable(path: str, dotted: str, importer: Module) -> bool:
        """A lone module is importable from its own folder, the root and `src`: a helper named like an SDK is not the SDK."""
        folder = PurePosixPath(path).parent
        if "." in dotted or path.endswith("__init__.py"):
            return True
        return str(folder) in (".", "src", "app", "backend") or folder == PurePosixPath(importer.path).parent

    def _is_package(self, folder: PurePosixPath) -> bool:
        return str(folder / "__init__.py") in self.modules

    def _at(self, folder: PurePosixPath, dotted: str) -> Module | None:
        base = folder.joinpath(*dotted.split(".")) if dotted else folder
        candidates = (str(base / "__init__.py"), f"{base}.py") if dotted else (str(base / "__init__.py"),)
        return next((self.modules[path] for path in candidates if path in self.modules), None)

    def _script_module(self, name: str, importer: Module) -> Module | None:
        if name.startswith("."):
            return self._script_at(_normal(PurePosixPath(importer.path).parent / name))
        for candidate in self._aliases.candidates(name, importer.path):
            found = self._script_at(candidate)
            if found is not None:
                return found
        for alias in _TS_ALIASES:
            if name.startswith(alias):
                return self._by_tail(name[len(alias) :], importer)
        for package, folder in self._packages.items():
            if name == package or name.startswith(package + "/"):
                rest = name[len(package) :].strip("/")
                found = self._script_at(_join(folder, rest)) or self._script_at(_join(folder, "src", rest))
                return found or (self._script_at(_join(folder, "src/index")) if not rest else None)
        return None

    def _script_at(self, base: str) -> Module | None:
        stem = base
        for suffix in _TS_SUFFIXES:
            if base.endswith(suffix):
                stem = base[: -len(suffix)]
        candidates = [base, *(stem + s for s in _TS_SUFFIXES), *(f"{base}/index{s}".lstrip("/") for s in _TS_SUFFIXES)]
        return next((self.modules[path] for path in candidates if path in self.modules), None)

    def _by_tail(self, tail: str, importer: Module) -> Module | None:
        wanted = _normal(PurePosixPath(tail))
        found: list[str] = []
        for candidate in (wanted, f"{wanted}/index"):
            found.extend(self._tails.get(candidate.rsplit("/", 1)[-1], ()))
        ends = (f"/{wanted}", f"/{wanted}/index")
        matching = [path for path in found if f"/{_stem(path)}".endswith(ends)]
        return self.modules[max(matching, key=lambda path: (_shared(path, importer.path), -len(path)))] if matching else None


def _python_names(modules: dict[str, Module]) -> dict[str, list[str]]:
    """Importable dotted names: from the highest folder down that is not inside a package."""
    names: dict[str, list[str]] = defaultdict(list)
    for path in modules:
        if not path.endswith(".py"):
            continue
        pure = PurePosixPath(path)
        parts = list(pure.with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        for start in range(len(parts)):
            parent = PurePosixPath(*parts[:start]) if start else PurePosixPath()
            if start and str(parent / "__init__.py") in modules:
                continue
            names[".".join(parts[start:])].append(path)
    return names


def _nested_names(modules: dict[str, Module]) -> dict[str, list[str]]:
    """Dotted names that begin inside a package: importable where that folder is put on the path by other means."""
    names: dict[str, list[str]] = defaultdict(list)
    for path in modules:
        if path.endswith(".py"):
            parts = [part for part in PurePosixPath(path).with_suffix("").parts if part != "__init__"]
            for start in range(1, len(parts) - 1):
                names[".".join(parts[start:])].append(path)
    return names


def _tails(modules: dict[str, Module]) -> dict[str, list[str]]:
    tails: dict[str, list[str]] = defaultdict(list)
    for path in modules:
        if not path.endswith(".py"):
            tails[_stem(path).rsplit("/", 1)[-1]].append(path)
    return tails


def _stem(path: str) -> str:
    return next((path[: -len(suffix)] for suffix in _TS_SUFFIXES if path.endswith(suffix)), path)


def _shared(left: str, right: str) -> int:
    count = 0
    for a, b in zip(left.split("/"), right.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _join(*parts: str) -> str:
    return _normal(PurePosixPath(*[part for part in parts if part]))


def _normal(path: PurePosixPath) -> str:
    out: list[str] = []
    for part in path.parts:
        if part == "..":
            if out:
                out.pop()
        elif part != ".":
            out.append(part)
    return "/".join(out)


def _holders(scope: Scope) -> Iterator[str]:
    for names in (scope.bindings, scope.attributes):
        for name, bindings in names.items():
            if any(_holds(binding) for binding in bindings):
                yield name
    for added in scope.entries.values():
        yield from (each.key for each in added)


def _holds(binding: Binding) -> bool:
    match binding:
        case Defined(scope=scope):
            return scope.function is not None and bool(scope.function.decorators)
        case Imported(node=node):
            return node.alias != node.name
        case _:
            return True


def _settings(code: ir.Code) -> Iterator[tuple[str, ir.Expr]]:
    for statement in code.body:
        if isinstance(statement, ir.Assign) and isinstance(statement.value, ir.Mapping):
            for key, value in statement.value.entries:
                if isinstance(key, ir.Literal) and isinstance(key.value, str) and ENV_NAME.match(key.value):
                    yield key.value, value


def _is_dynamic(site: Site) -> bool:
    match site.call.callee:
        case ir.Index():
            return True
        case ir.Name(id=name):
            return any(isinstance(binding, Bound) for binding in site.scope.bindings.get(name, ()))
        case _:
            return False


def _called_names(call: ir.Call) -> Iterator[str]:
    """Names under which the call can reach a function: its callee's, and those of functions handed over as arguments."""
    for expr in (call.callee, *call.args, *(keyword.value for keyword in call.keywords)):
        match expr:
            case ir.Name(id="self") if expr is not call.callee:
                pass
            case ir.Name(id=name) | ir.Member(name=name):
                yield name
            case _:
                pass
