"""What a command line really runs: through Make, package scripts, tox, nox and shell scripts of the repository."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.evaluation.ci_shell import Command, parse
from readiness.collect.evaluation.evals_code import last_name, nodes
from readiness.collect.lower.config_tree import Tree

MAX_DEPTH: Final = 5
MAX_COMMANDS: Final = 300

_RUNNERS: Final[tuple[tuple[str, ...], ...]] = tuple(tuple(text.split()) for text in (
    "uv run", "poetry run", "pdm run", "pipenv run", "rye run", "pixi run", "conda run", "pipx run", "uvx", "npx",
    "bunx", "pnpm exec", "pnpm dlx", "yarn exec", "yarn dlx", "bun x", "npm exec", "bundle exec", "xvfb-run",
    "timeout", "dotenv", "dotenvx run", "doppler run", "op run", "infisical run", "coverage run", "direnv exec",
    "nix develop -c", "cross-env", "env-cmd", "nice", "ddtrace-run", "opentelemetry-instrument",
    "docker compose run", "docker compose exec", "docker-compose run", "docker-compose exec", "docker run",
    "docker exec", "kubectl exec",
))  # fmt: skip
"""Commands that run the command after their options."""
_VALUED: Final = frozenset({
    "--config", "--directory", "--entrypoint", "--env", "--env-file", "--extra", "--file", "--from", "--group",
    "--name", "--network", "--no-group", "--package", "--project", "--python", "--rcfile", "--service-name",
    "--signal", "--source", "--user", "--volume", "--with", "--workdir", "-c", "-e", "-f", "-k", "-n", "-p", "-u",
    "-v", "-w",
})  # fmt: skip
"""Options of runners that take the next word."""
_KNOWN: Final = re.compile(
    r"pytest|python3?(\.\d+)?|tox|nox|make|npm|pnpm|yarn|bun|node|bash|sh|go|cargo|deepeval|promptfoo|garak|inspect|vitest|jest"
)
_PYTHON: Final = re.compile(r"(.*/)?(python|py|pypy)(3(\.\d+)?)?(\.exe)?")
_SHELLS: Final = frozenset({"bash", "sh", "zsh", "source", ".", "dash"})
_MANAGERS: Final = frozenset({"npm", "pnpm", "yarn", "bun"})
_MANAGER_WORDS: Final = frozenset({
    "add", "audit", "cache", "ci", "config", "create", "dedupe", "dlx", "exec", "global", "i", "import", "info",
    "init", "install", "link", "list", "login", "node", "outdated", "pack", "publish", "remove", "set", "store",
    "update", "upgrade", "version", "why", "workspace", "x",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Project:
    """What commands of a repository can refer to: trees and scripts by path, sessions of nox by name."""

    trees: Mapping[str, Tree]
    sessions: Mapping[str, tuple[Command, ...]] = field(default_factory=dict)

    def nearest(self, cwd: str, *names: str) -> tuple[str, Tree]:
        """The first of `names` in a folder or above it: the folder and the tree."""
        home = cwd.strip("/")
        while True:
            for name in names:
                path = f"{home}/{name}" if home else name
                if path in self.trees:
                    return home, self.trees[path]
            if not home:
                return "", Tree()
            home = home.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Run:
    """A command at the end of all indirections, without its runner; `cwd` is where, `via` through what."""

    command: Command
    cwd: str
    via: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        return self.command.words


def project(configs: Mapping[str, Tree], codes: Iterable[ir.Code]) -> Project:
    """Index what commands can refer to."""
    sessions = {
        name: commands for code in codes if PurePosixPath(code.path).name == "noxfile.py" for name, commands in _sessions(code)
    }
    return Project(configs, sessions)


def _sessions(code: ir.Code) -> Iterator[tuple[str, tuple[Command, ...]]]:
    for statement in code.body:
        if isinstance(statement, ir.Function) and any(last_name(decorator) == "session" for decorator in statement.decorators):
            runs = [
                Command(tuple(str(arg.value) for arg in node.args if isinstance(arg, ir.Literal)), node.line)
                for node in nodes(statement.body)
                if isinstance(node, ir.Call) and last_name(node.callee) == "run"
            ]
            yield statement.name, tuple(run for run in runs if run.words)


def expand(commands: Sequence[Command], cwd: str, known: Project) -> Iterator[Run]:
    """The commands that a script runs in the end, each with why a failure of it, or of what runs it, would pass unnoticed.

    The same command is followed once for each script, so that the work is bounded by the size of the repository's files.
    """
    yield from _expand(commands, cwd, known, (), set())


def _expand(commands: Sequence[Command], cwd: str, known: Project, via: tuple[str, ...], seen: set[object]) -> Iterator[Run]:
    for command in commands[:MAX_COMMANDS]:
        if command.words[:1] in {("cd",), ("pushd",)} and len(command.words) > 1:
            cwd = _join(cwd, command.words[1])
            continue
        yield from _one(replace(command, words=unwrapped(command.words)), cwd, known, via, seen)


def _one(command: Command, cwd: str, known: Project, via: tuple[str, ...], seen: set[object]) -> Iterator[Run]:
    key = (command.words, cwd, command.swallowed)
    if key in seen:
        return
    seen.add(key)
    inner = _inner(command, cwd, known) if len(via) < MAX_DEPTH and command.words else None
    if inner is None:
        yield Run(command, cwd, via)
        return
    home, commands = inner
    for run in _expand(commands, home, known, (*via, command.text[:80]), seen):
        swallowed = run.command.swallowed or command.swallowed
        yield replace(
            run, command=replace(run.command, swallowed=swallowed, line=command.line, sets=(*command.sets, *run.command.sets))
        )


def unwrapped(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command line without the runners before it: `uv run --group test pytest x` is `pytest x`."""
    for _ in range(4):
        if len(words) > 2 and _PYTHON.fullmatch(words[0]) and words[1] == "-m":
            return words[2:] if words[2] != "coverage" else unwrapped(words[2:])
        runner = next((runner for runner in _RUNNERS if words[: len(runner)] == runner), None)
        if runner is None:
            return words
        rest = words[len(runner) :]
        if runner[0] in {"docker", "docker-compose", "kubectl"}:
            start = next((position for position, word in enumerate(rest) if _KNOWN.fullmatch(word)), None)
            if start is None:
                return words
            rest = rest[start:]
        else:
            rest = _without_options(rest, timeout=runner[0] == "timeout")
        if not rest:
            return words
        words = ("python", *rest) if runner == ("coverage", "run") else rest
    return words


def _without_options(words: tuple[str, ...], *, timeout: bool) -> tuple[str, ...]:
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if word == "-m" and position + 1 < len(words):
            return words[position + 1 :]
        if word.startswith("-"):
            position += 2 if word in _VALUED else 1
        elif re.fullmatch(r"[A-Za-z_]\w*=.*", word) or (timeout and re.fullmatch(r"[\d.]+[smhd]?", word)):
            position += 1
        else:
            break
    return words[position:]


def _inner(command: Command, cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    """Where and what a command runs of the repository's own; None when it is no indirection."""
    words = command.words
    name = words[0].rsplit("/", 1)[-1]
    if name in {"make", "gmake"}:
        return _make(words, cwd, known)
    if name in _MANAGERS:
        return _package_script(words, cwd, known)
    if name in {"turbo", "nx", "lerna"}:
        return _everywhere(words, known)
    if name == "tox":
        return _tox(words, cwd, known)
    if name == "nox":
        return cwd, _chosen(words, known.sessions)
    if name in {"hatch", "poe", "task", "taskipy", "pdm", "rye", "invoke"}:
        return _python_task(words, cwd, known)
    if name in _SHELLS and len(words) > 1:
        return _shell(words[1:], cwd, known)
    if name.endswith((".sh", ".bash")):
        return _shell(words, cwd, known)
    return _console_script(words, cwd, known)


def _script(text: str, *, errexit: bool = False) -> tuple[Command, ...]:
    return parse(text, errexit=errexit)


def _make(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    targets = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    for option in ("-C", "--directory", "-f"):
        if option in words[:-1]:
            value = words[words.index(option) + 1]
            targets = [target for target in targets if target != value]
            cwd = _join(cwd, value) if option != "-f" else cwd
    home, tree = known.nearest(cwd, "Makefile", "makefile", "GNUmakefile")
    if not tree:
        return None
    ignoring = "-i" in words or "-k" in words
    names = targets or [next((name for name, _ in tree["targets"].named() if not name.startswith(".")), "")]
    seen: set[str] = set()
    found = [run for target in names for run in _target(target, tree, seen)]
    return home, tuple(replace(run, swallowed=run.swallowed or "make is told to go on") if ignoring else run for run in found)


def _target(name: str, tree: Tree, seen: set[str]) -> Iterator[Command]:
    """The commands of a target after those of what it needs; as in Make, each target once."""
    node = tree["targets"][name]
    if not node or name in seen or len(seen) > MAX_COMMANDS:
        return
    seen.add(name)
    for need in node["needs"].text.split():
        yield from _target(need, tree, seen)
    for leaf in node["commands"].items():
        text = re.sub(r"\$[({](\w+)[)}]", lambda found: tree["variables"][found[1]].text or found.group(), leaf.text).replace(
            "$$", "$"
        )
        prefix = re.match(r"[@+-]*", text)
        swallowed = "make ignores it (`-`)" if prefix and "-" in prefix.group() else ""
        for command in _script(text.lstrip("@+-")):
            yield replace(command, swallowed=command.swallowed or swallowed)


def _package_script(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    """The script of a `package.json` that npm, pnpm, yarn or bun runs."""
    manager, rest = words[0].rsplit("/", 1)[-1], list(words[1:])
    filtered, every = "", False
    while rest and (rest[0].startswith("-") or rest[0] == "workspace"):
        option, _, value = rest.pop(0).partition("=")
        if option in {"--prefix", "-C", "--cwd", "--dir"}:
            cwd = _join(cwd, value or (rest.pop(0) if rest else ""))
        elif option in {"--filter", "-F", "-w", "--workspace", "workspace"} and (value or rest):
            filtered = value or rest.pop(0)
        every = every or option in {"-r", "--recursive", "--workspaces"}
    if not rest:
        return None
    name = rest.pop(0)
    if name in {"run", "run-script"} and rest:
        name = next((word for word in rest if not word.startswith("-")), "")
        rest = rest[rest.index(name) + 1 :] if name in rest else []
    elif name in _MANAGER_WORDS or (manager == "bun" and name == "test"):
        return None
    name = {"t": "test", "tst": "test"}.get(name, name)
    for option, value in itertools.pairwise(rest):
        cwd = _join(cwd, value) if option in {"--prefix", "-C", "--cwd"} else cwd
        filtered = value if option in {"-w", "--workspace", "--filter"} else filtered
    homes = _packages(known, filtered) if filtered or every else [known.nearest(cwd, "package.json")]
    scripts = [(home, tree["scripts"]) for home, tree in homes if tree["scripts"][name]]
    if not scripts:
        return None
    extra = " ".join(_quoted(word) for word in rest if word != "--")
    commands = [
        command
        for home, table in scripts
        for key in (f"pre{name}", name, f"post{name}")
        for command in _in(home, f"{table[key].text} {extra if key == name else ''}")
    ]
    return scripts[0][0], tuple(commands)


def _in(home: str, text: str) -> Iterator[Command]:
    """A script with the folder it runs in, as a `cd` from the root."""
    if text.strip():
        yield Command(("cd", f"/{home}"), 0)
        yield from _script(text)


def _packages(known: Project, pattern: str) -> list[tuple[str, Tree]]:
    """The packages of a workspace whose name or folder a filter names; all for none."""
    wanted = pattern.strip(".^{}!").removeprefix("/").rstrip("/*")
    found = []
    for path, tree in known.trees.items():
        if PurePosixPath(path).name == "package.json":
            home = path.rpartition("/")[0]
            if (
                not wanted
                or wanted in {tree["name"].text, home}
                or home.endswith(f"/{wanted}")
                or tree["name"].text.endswith(f"/{wanted}")
            ):
                found.append((home, tree))
    return found


def _everywhere(words: tuple[str, ...], known: Project) -> tuple[str, tuple[Command, ...]] | None:
    names = [word for word in words[1:] if not word.startswith("-") and word not in {"run", "run-many", "affected", "exec"}]
    commands = [
        command
        for home, tree in _packages(known, "")
        for name in names
        for command in _in(home, tree["scripts"][name.rpartition(":")[2] if words[0] == "nx" else name].text)
    ]
    return ("", tuple(commands)) if commands else None


def _tox(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    home, tree = known.nearest(cwd, "tox.ini", "setup.cfg")
    chosen = [value for option, value in itertools.pairwise(words) if option in {"-e", "--env"}]
    names = [name for value in chosen for name in value.split(",")]
    sections = [f"testenv:{name}" for name in names if tree[f"testenv:{name}"]["commands"]] or ["testenv"]
    posargs = " ".join(words[words.index("--") + 1 :]) if "--" in words else ""
    commands = []
    for section in sections:
        for line in tree[section]["commands"].text.replace("\\\n", " ").splitlines():
            ignored = "tox ignores it (`-`)" if line.startswith("-") else ""
            text = re.sub(r"\{posargs:?([^}]*)\}", lambda found: posargs or found[1], line.lstrip("- "))
            commands += [replace(command, swallowed=command.swallowed or ignored) for command in _script(text)]
    return (home, tuple(commands)) if commands else None


def _chosen(words: tuple[str, ...], sessions: Mapping[str, tuple[Command, ...]]) -> tuple[Command, ...]:
    names = [word for word in words[1:] if word in sessions]
    return tuple(command for name in names or sessions for command in sessions[name])


def _python_task(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    """A task that `pyproject.toml` or a Taskfile declares."""
    home, tree = known.nearest(cwd, "pyproject.toml")
    names = [word for word in words[1:] if word != "run" and not word.startswith("-")]
    if not names:
        return None
    environment, _, name = names[0].rpartition(":")
    tool = tree["tool"]
    nodes_ = (
        tool.get("poe", "tasks", names[0]),
        tool.get("taskipy", "tasks", names[0]),
        tool.get("pdm", "scripts", names[0]),
        tool.get("rye", "scripts", names[0]),
        tool.get("hatch", "envs", environment or "default", "scripts", name),
        known.nearest(cwd, "Taskfile.yml", "Taskfile.yaml")[1].get("tasks", names[0], "cmds"),
    )
    node = next((node for node in nodes_ if node), Tree())
    texts = (node["cmd"] or node["shell"] or node["script"] or node["sequence"] or node).texts()
    commands = tuple(command for text in texts for command in _script(text))
    return (home, commands) if commands else None


def _shell(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    if "-c" in words[:3] or any(re.fullmatch(r"-[a-z]*c", word) for word in words[:2]):
        text = next((word for word in words if not word.startswith("-")), "")
        return cwd, parse(text, errexit=any("e" in word for word in words[:2] if re.fullmatch(r"-[a-z]*c", word)))
    name = next((word for word in words if not word.startswith("-")), "")
    path = _join(cwd, name)
    tree = known.trees.get(path, Tree())["lines"]
    if not tree:
        return None
    text = "\n".join(leaf.text for leaf in tree.items())
    strict = bool(re.search(r"^set\s+-\w*e|^set -o errexit", text, re.MULTILINE)) or any(
        re.fullmatch(r"-\w*e\w*", word) for word in words[:1]
    )
    return cwd, parse(text, errexit=strict)


def _console_script(words: tuple[str, ...], cwd: str, known: Project) -> tuple[str, tuple[Command, ...]] | None:
    """A command that the project installs: the module that it starts."""
    home, tree = known.nearest(cwd, "pyproject.toml")
    target = tree.get("project", "scripts", words[0]).text or tree.get("tool", "poetry", "scripts", words[0]).text
    module = target.partition(":")[0]
    return (home, (Command((module, *words[1:]), 0),)) if module and module != words[0] else None


def _join(cwd: str, path: str) -> str:
    parts = [] if path.startswith("/") else [part for part in cwd.split("/") if part]
    for part in path.strip("\"'").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."} and not part.startswith("$"):
            parts.append(part)
    return "/".join(parts)


def _quoted(word: str) -> str:
    return f'"{word}"' if re.search(r"\s", word) else word
