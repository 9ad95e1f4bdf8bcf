"""Which files define continuous integration."""

from __future__ import annotations

import re
from typing import Final

_CI: Final = re.compile(
    r"(?:^|/)\.github/(?:workflows/[^/]+|actions/(?:[^/]+/)*action)\.ya?ml$|^action\.ya?ml$|"
    r"(?:^|/)\.gitlab-ci(?:[.-][\w.-]*)?\.ya?ml$|(?:^|/)\.gitlab/(?:.+/)?[^/]+\.ya?ml$|"
    r"(?:^|/)(?:[\w-]+-)?azure-pipelines?(?:[.-][\w.-]*)?\.ya?ml$|(?:^|/)\.?azure-?pipelines/(?:.+/)?[^/]+\.ya?ml$|(?:^|/)\.azdo/(?:.+/)?[^/]+\.ya?ml$|"
    r"(?:^|/)Jenkinsfile(?:[._-][\w.-]+)?$|\.jenkinsfile$|(?:^|/)\.circleci/[^/]+\.ya?ml$|(?:^|/)\.?tekton/(?:.+/)?[^/]+\.ya?ml$|"
    r"(?:^|/)bitbucket-pipelines\.ya?ml$|(?:^|/)\.drone\.(?:ya?ml|star|jsonnet)$|(?:^|/)\.buildkite/(?:.+/)?[^/]+\.ya?ml$|"
    r"(?:^|/)\.travis\.ya?ml$|(?:^|/)cloudbuild(?:[.-][\w.-]+)?\.ya?ml$|(?:^|/)buildspec(?:[.-][\w.-]+)?\.ya?ml$|(?:^|/)appveyor\.ya?ml$|"
    r"(?:^|/)\.woodpecker(?:/[^/]+)?\.ya?ml$|(?:^|/)\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml$|(?:^|/)\.semaphore/[^/]+\.ya?ml$"
)


def is_ci(path: str) -> bool:
    """Whether the file at `path` (posix, relative) is a CI definition, or a template or composite action that one includes."""
    return bool(_CI.search(path))


def is_pipeline(path: str) -> bool:
    """Whether the file runs by itself: a CI definition that is not merely an action for others to use."""
    return is_ci(path) and path.rpartition("/")[2] not in ("action.yml", "action.yaml")
