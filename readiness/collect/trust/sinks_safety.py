"""What stands between model text and a sink: sanitisers, bound parameters, fixed hosts, folders, a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from readiness.collect import ir
from readiness.collect.link.arguments import argument
from readiness.collect.link.handed import Handed
from readiness.collect.link.scopes import Bound, Scope, Site
from readiness.collect.link.values import Constant, Routine, Structure
from readiness.collect.link.walk import expressions, statements
from readiness.collect.trust.sinks_text import ModelText, Texts
from readiness.knowledge.sinks import Sinks, SinkSpec

_CALLERS_UP: Final = 3
"""Callers looked at, one after the other, for a person's consent."""
_HOST: Final = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#{}\s]+[/?#]", re.IGNORECASE)
_ADDRESS: Final = frozenset(
    {
        "ipaddress.ip_address",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "urllib.parse.urlparse",
        "urllib.parse.urlsplit",
        "builtins.URL",
    }
)
_CONTAINMENT: Final = frozenset({"is_relative_to", "commonpath", "startsWith", "startswith"})
_SHELLS: Final = frozenset(
    {"sh", "bash", "zsh", "/bin/sh", "/bin/bash", "cmd", "cmd.exe", "powershell", "pwsh", "python", "python3", "node", "osascript"}
)
_STRINGS: Final = frozenset(
    {
        "system",
        "popen",
        "getoutput",
        "getstatusoutput",
        "exec",
        "execSync",
        "create_subprocess_shell",
        "execaCommand",
        "command",
        "exec_command",
    }
)
"""Functions that always go through a shell."""


class Safety:
    """Grades sinks: none | approved | weak | safe."""

    def __init__(self, texts: Texts, sinks: Sinks) -> None:
        self.texts = texts
        self.flow = texts.flow
        self.resolver = texts.flow.resolver
        self.sinks = sinks

    def grade(self, site: Site, spec: SinkSpec, handed: Handed, found: tuple[ModelText, ...]) -> str:
        """What stands between the model text `found` in an argument and the sink at `site`."""
        if spec.safety == "safe":
            return "safe"
        passed = self.passed(spec.kind, found)
        if passed == "safe":
            return "safe"
        special = self._special(site, spec, handed)
        if special == "safe":
            return "safe"
        if "weak" in (spec.safety, passed, special):
            return "weak"
        return "approved" if self.approved(site) else "none"

    def passed(self, kind: str, found: Iterable[ModelText]) -> str:
        """What every one of the texts passed on its way: safe | weak | none."""
        grades = [self._cleaned(kind, text.leaf.through) for text in found]
        return max(grades, key=("safe", "weak", "none").index, default="none")

    def _cleaned(self, kind: str, through: tuple[str, ...]) -> str:
        for grade, table in (("safe", self.sinks.safe), ("weak", self.sinks.weak)):
            known = table.get(kind)
            if known is not None and any(name in known for name in through):
                return grade
        return "none"

    def _special(self, site: Site, spec: SinkSpec, handed: Handed) -> str:
        match spec.kind:
            case "shell":
                return self._shell(site, handed)
            case "url":
                return self._url(site, handed)
            case "path":
                return self._path(site, handed)
            case _:
                return "none"

    # -------------------------------------------------------------------------------------------------------- shell

    def _shell(self, site: Site, handed: Handed) -> str:
        """An argument list with a fixed program starts no shell; quoting inside quotes, or of a whole script, protects little."""
        if self._through_shell(site):
            return "none"
        lists = [
            v
            for v in self.resolver.values(handed.expr, handed.scope)
            if isinstance(v, Structure) and isinstance(v.expr, ir.Sequence)
        ]
        if isinstance(site.call.callee, ir.Member | ir.Name) and not lists and len(site.call.args) > 1:
            return "none"
        if not lists:
            return "none"
        return "safe" if all(self._fixed_program(value) for value in lists) else "none"

    def _fixed_program(self, value: Structure) -> bool:
        items = value.expr.items if isinstance(value.expr, ir.Sequence) else ()
        if not items or self.texts.of(items[0], value.scope):
            return False
        first = {v.value for v in self.resolver.values(items[0], value.scope) if isinstance(v, Constant)}
        return not (first & _SHELLS)

    def _through_shell(self, site: Site) -> bool:
        name = _name(site.call.callee)
        if name in _STRINGS:
            return True
        for handed in argument(self.resolver, site.call, site.scope, "shell").found:
            for value in self.resolver.values(handed.expr, handed.scope):
                if not (isinstance(value, Constant) and not value.value):
                    return True
        return False

    # --------------------------------------------------------------------------------------------------------- urls

    def _url(self, site: Site, handed: Handed) -> str:
        """A fixed scheme and host leave the model a path; a check of the address leaves it a choice among the allowed."""
        if self._fixed_host(handed.expr, handed.scope, 0):
            return "safe"
        return "weak" if self._checks(site, _ADDRESS) else "none"

    def _fixed_host(self, expr: ir.Expr, scope: Scope, depth: int) -> bool:
        values = self.resolver.values(expr, scope)
        templates = [v for v in values if isinstance(v, Structure) and isinstance(v.expr, ir.Template)]
        if isinstance(expr, ir.Call) and expr.args and _name(expr.callee) in ("URL", "urljoin") and depth < 3:
            base = expr.args[0] if _name(expr.callee) == "urljoin" else expr.args[-1]
            return _name(expr.callee) != "urljoin" and len(expr.args) == 1 and self._fixed_host(base, scope, depth + 1)
        if not templates or len(templates) != len(values):
            return False
        return all(self._starts_fixed(value) for value in templates)

    def _starts_fixed(self, value: Structure) -> bool:
        assert isinstance(value.expr, ir.Template)
        parts = value.expr.parts
        if not parts:
            return False
        first = parts[0]
        if isinstance(first, ir.Literal):
            return _HOST.match(str(first.value)) is not None
        return not self.texts.of(first, value.scope)

    # -------------------------------------------------------------------------------------------------------- paths

    def _path(self, site: Site, handed: Handed) -> str:
        """A function that resolves the path and refuses what lies outside a folder contains it."""
        function = site.scope
        tested = any(isinstance(part, ir.Call) and _name(part.callee) == "relative_to" for part in function.nodes) or any(
            isinstance(part, ir.Call) and _name(part.callee) in _CONTAINMENT and self._same_text(part, handed, function)
            for statement, _ in statements(function.node.body)
            if isinstance(statement, ir.If)
            for part in expressions(statement.test)
        )
        return "safe" if tested else "none"

    def _same_text(self, call: ir.Call, handed: Handed, scope: Scope) -> bool:
        inside = {part.id for part in expressions(call) if isinstance(part, ir.Name)}
        wanted = {part.id for part in expressions(handed.expr) if isinstance(part, ir.Name)}
        for name in tuple(wanted):
            for binding in self.resolver.bindings(name, scope):
                if isinstance(binding, Bound):
                    wanted |= {part.id for part in expressions(binding.expr) if isinstance(part, ir.Name)}
        return bool(inside & wanted)

    # ---------------------------------------------------------------------------------------------- checks and consent

    def _checks(self, site: Site, names: frozenset[str]) -> bool:
        """Whether the function, or one it calls, looks at the address before it is used."""
        scopes = [site.scope]
        for each in site.scope.sites:
            scopes.extend(v.scope for v in self.resolver.values(each.call.callee, each.scope) if isinstance(v, Routine))
        return any(
            target.path in names for scope in scopes for each in scope.sites for target in self.flow.targets(each.call, each.scope)
        )

    def approved(self, site: Site, up: int = _CALLERS_UP) -> bool:
        """Whether a person is asked before the code at `site` runs, here or in every caller."""
        if any(self._asks(test, site.scope, 0) for test, _ in site.context.tests):
            return True
        if up <= 0 or not isinstance(site.scope.node, ir.Function):
            return False
        callers = self.flow.callers(site.scope)
        return bool(callers) and all(self.approved(caller, up - 1) for caller in callers)

    def _asks(self, test: ir.Expr, scope: Scope, depth: int) -> bool:
        return any(self._is_question(part, scope, depth) for part in expressions(test))

    def _is_question(self, part: ir.Expr, scope: Scope, depth: int) -> bool:
        if depth > 4:
            return False
        match part:
            case ir.Call():
                if any(target.path in self.sinks.approvals for target in self.flow.targets(part, scope)):
                    return True
                values = self.resolver.values(part.callee, scope)
                return any(isinstance(value, Routine) and self._questions(value.scope, depth) for value in values)
            case ir.Name(id=name):
                bound = [b for b in self.resolver.bindings(name, scope) if isinstance(b, Bound)]
                return any(self._asks(binding.expr, binding.scope, depth + 1) for binding in bound)
            case _:
                return False

    def _questions(self, function: Scope, depth: int) -> bool:
        """Whether what a function returns depends on a person's answer."""
        for site in function.sites:
            if any(target.path in self.sinks.approvals for target in self.flow.targets(site.call, site.scope)):
                return True
        return any(
            self._questions(value.scope, depth + 2)
            for site in (function.sites if depth < 2 else ())
            for value in self.resolver.values(site.call.callee, site.scope)
            if isinstance(value, Routine) and value.scope is not function
        )


def _name(expr: ir.Expr) -> str:
    match expr:
        case ir.Name(id=name) | ir.Member(name=name):
            return name
        case _:
            return ""
