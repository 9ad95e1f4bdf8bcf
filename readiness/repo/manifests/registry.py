"""Which reader reads which file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from readiness.repo.languages import file_type
from readiness.repo.manifests import jvm, node, others, python
from readiness.repo.manifests.found import Reader

_BY_NAME: Final[Mapping[str, Reader]] = MappingProxyType({
    "pyproject.toml": python.pyproject, "setup.cfg": python.setup_cfg, "setup.py": python.setup_py, "pipfile": python.pipfile,
    "pipfile.lock": python.pipfile_lock, "poetry.lock": python.toml_lock, "uv.lock": python.toml_lock, "pdm.lock": python.toml_lock,
    "pylock.toml": python.toml_lock, "pkg-info": python.pkg_info,
    "package.json": node.package_json, "package-lock.json": node.package_lock, "npm-shrinkwrap.json": node.package_lock,
    "pnpm-lock.yaml": node.pnpm_lock, "yarn.lock": node.yarn_lock, "bun.lock": node.bun_lock,
    "pom.xml": jvm.pom, "build.gradle": jvm.gradle, "build.gradle.kts": jvm.gradle, "libs.versions.toml": jvm.version_catalogue,
    "gradle.lockfile": jvm.gradle_lock,
    "go.mod": others.go_mod, "directory.packages.props": others.nuget_project,
    "packages.config": others.nuget_project,
    "packages.lock.json": others.nuget_lock,
    "gemfile": others.gemfile, "gemfile.lock": others.gemfile_lock,
    "cargo.toml": others.cargo, "cargo.lock": others.cargo_lock,
    "composer.json": others.composer, "composer.lock": others.composer_lock,
})  # fmt: skip
_ENVIRONMENT: Final = re.compile(r"^(?:conda[-_]?)?env(?:ironment)?(?:[-_.][\w.-]+)?\.ya?ml$|^environment.*\.ya?ml$")


def reader_of(path: str) -> Reader | None:
    """The reader of the manifest or lockfile at `path`; None when it is neither."""
    name = path.rpartition("/")[2].lower()
    if name == "pkg-info" and "/" in path:
        return None  # build metadata: repeats what the manifest beside it says
    if name in _BY_NAME:
        return _BY_NAME[name]
    if name.endswith((".csproj", ".fsproj", ".vbproj")):
        return others.nuget_project
    if name.endswith(".gemspec"):
        return others.gemfile
    if _ENVIRONMENT.match(name):
        return python.environment
    return python.requirements if file_type(path).format == "requirements" else None


def is_manifest(path: str) -> bool:
    """Whether the file at `path` is a manifest or lockfile that is read."""
    return reader_of(path) is not None
