"""Targets: directories, archives and git URLs, however hostile."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from readiness.errors import UsageError
from readiness.model import RepositoryKind, Scope
from readiness.repo import Limits, Unreadable, open_target
from readiness.repo.files import read_inside
from readiness.repo.git import is_git_url, repository_name, without_credentials


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def paths(target: Path | str, limits: Limits | None = None) -> list[str]:
    with open_target(str(target), limits=limits or Limits()) as repository:
        return [source.path for source in repository.sources]


def sdist(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for info, content in members:
            info.size = len(content) if info.isreg() else 0
            file.addfile(info, io.BytesIO(content))
    return path


def entry(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


# ------------------------------------------------------------------------------------------------ directories


def test_a_directory_is_read_without_following_links(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", **{"secret.py": "KEY = 1\n"})
    root = write(tmp_path / "app", **{"src/a.py": "x = 1\n"})
    (root / "src/link.py").symlink_to(outside / "secret.py")
    (root / "loop").symlink_to(root)
    (root / "elsewhere").symlink_to(outside)
    assert paths(root) == ["src/a.py"]


def test_a_path_that_becomes_a_link_after_the_inventory_is_not_read(tmp_path: Path) -> None:
    secret = write(tmp_path / "outside", **{"a.py": "KEY = 1\n"})
    root = write(tmp_path / "app", **{"src/a.py": "x = 1\n"})
    with open_target(str(root)) as repository:
        source = next(item for item in repository.sources if item.path == "src/a.py")
        assert repository.read(source) == b"x = 1\n"
        (root / "src").rename(root / "old")
        (root / "src").symlink_to(secret)
        with pytest.raises(Unreadable):
            repository.read(source)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", ""])
def test_no_path_leads_out_of_the_root(tmp_path: Path, path: str) -> None:
    with pytest.raises(Unreadable):
        read_inside(tmp_path, path, 100)


def test_a_named_pipe_is_never_waited_for(tmp_path: Path) -> None:
    root = write(tmp_path, **{"a.py": "x = 1\n"})
    os.mkfifo(root / "pipe.py")
    assert paths(root) == ["a.py"]
    with pytest.raises(Unreadable):
        read_inside(root, "pipe.py", 100)


def test_the_inventory_travels_to_workers(tmp_path: Path) -> None:
    with open_target(str(write(tmp_path, **{"a.py": "x = 1\n", "requirements.txt": "openai==1.2.3\n"}))) as repository:
        copy = pickle.loads(pickle.dumps(repository))
        assert copy == repository
        assert copy.text(copy.sources[0]) == "x = 1\n"
        assert copy.dependencies[0].locked == "1.2.3"


@pytest.mark.parametrize("target", ["missing", "empty", "notes.txt"])
def test_what_cannot_be_audited_is_a_usage_error_that_says_what_to_do(tmp_path: Path, target: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UsageError, match="give") as caught, open_target(str(tmp_path / target)):
        pass
    assert caught.value.exit_code == 2


def test_the_commit_is_read_from_gits_own_files(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        **{
            "a.py": "x = 1\n",
            ".git/HEAD": "ref: refs/heads/main\n",
            ".git/packed-refs": "# pack\n" + "a" * 40 + " refs/heads/main\n",
        },
    )
    with open_target(str(root)) as repository:
        assert repository.commit == "a" * 40
    (root / ".git/HEAD").write_text("ref: ../../outside\n")
    with open_target(str(root)) as repository:
        assert repository.commit is None


def test_a_directory_that_is_an_unpacked_source_distribution_is_read_whole(tmp_path: Path) -> None:
    files = {".gitignore": "_version.py\n", "app/_version.py": "x = 1\n"}
    assert paths(write(tmp_path / "a", **files)) == [".gitignore"]
    assert "app/_version.py" in paths(write(tmp_path / "b", **files, **{"PKG-INFO": "Name: app\n"}))


# ------------------------------------------------------------------------------------------------ archives


def test_a_source_distribution_is_a_package_with_what_it_ships(tmp_path: Path) -> None:
    archive = sdist(
        tmp_path / "app-1.0.tar.gz",
        (entry("app-1.0/PKG-INFO"), b"Metadata-Version: 2.1\nName: app\nRequires-Dist: openai>=1\n\nRequires-Dist: not-a-header\n"),
        (entry("app-1.0/app/main.py"), b"x = 1\n"),
        (entry("app-1.0/.gitignore"), b"app/\n"),
        (entry("app-1.0/.github/workflows/ci.yml"), b"on: push\n"),
    )
    with open_target(str(archive)) as repository:
        assert (repository.name, repository.shape, repository.has_ci, repository.has_tests) == (
            "app-1.0",
            RepositoryKind.PACKAGE,
            True,
            False,
        )
        assert "app/main.py" in [item.path for item in repository.sources], "what was shipped is never ignored"
        assert [item.name for item in repository.dependencies] == ["openai"]
        root = repository.root
    assert not root.exists()


def test_hostile_tar_entries_stay_inside_or_are_left_out(tmp_path: Path) -> None:
    archive = sdist(
        tmp_path / "evil.tar.gz",
        (entry("evil/a.py"), b"x = 1\n"),
        (entry("../escaped.py"), b"bad"),
        (entry("/absolute.py"), b"bad"),
        (entry("evil/../../up.py"), b"bad"),
        (entry("evil/link", tarfile.SYMTYPE, "/etc"), b""),
        (entry("evil/link/passwd"), b"bad"),
        (entry("evil/hard.py", tarfile.LNKTYPE, "../../etc/passwd"), b""),
        (entry("evil/device", tarfile.CHRTYPE), b""),
        (entry("evil/a.py/below.py"), b"bad"),
        (entry("evil/esc\x1b[31m.py"), b"bad"),
        (entry("/".join("d" for _ in range(200)) + "/deep.py"), b"bad"),
    )
    with open_target(str(archive)) as repository:
        assert (repository.root / "a.py").read_text() == "x = 1\n"
        assert not (repository.root / "link").is_symlink()
        left_out = {gap.path for gap in repository.gaps}
        assert {"evil/hard.py", "evil/device", "evil/a.py/below.py", "absolute.py", "../escaped.py"} <= left_out
        assert not any("\x1b" in (path or "") for path in left_out)
    assert not (tmp_path / "escaped.py").exists()
    assert not Path("/absolute.py").exists()


def test_hostile_zip_entries_stay_inside_or_are_left_out(tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app/a.py", "x = 1\n")
        file.writestr("../escaped.py", "bad")
        file.writestr("/absolute.py", "bad")
        file.writestr("app\\..\\..\\windows.py", "bad")
        link = zipfile.ZipInfo("app/link.py")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
    assert paths(archive) == ["a.py"]
    assert not (tmp_path / "escaped.py").exists()


@pytest.mark.parametrize("form", ["zip", "tar.gz"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, form: str) -> None:
    content = b"\0" * 5_000_000
    archive = tmp_path / f"bomb.{form}"
    if form == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a.txt", content)
    else:
        sdist(archive, (entry("a.txt"), content))
    with pytest.raises(UsageError, match="unpacks to more than"), open_target(str(archive), limits=Limits(archive_bytes=1_000_000)):
        pass
    assert paths(archive) == ["a.txt"]


def test_the_ratio_of_a_bomb_is_judged(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.txt", b"\0" * 60_000_000)
    with pytest.raises(UsageError, match="times its size"), open_target(str(archive)):
        pass


def test_a_header_that_claims_gigabytes_is_not_read(tmp_path: Path) -> None:
    info = entry("x", tarfile.XHDTYPE)
    info.size = 3 << 30
    archive = tmp_path / "pax.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        assert file.fileobj is not None
        file.fileobj.write(info.tobuf())
        file.fileobj.write(b"\0" * 1024)
    with pytest.raises(UsageError, match="header"), open_target(str(archive)):
        pass


@pytest.mark.parametrize("name", ["broken.zip", "broken.tar.gz"])
@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04" + b"\0" * 60, b"\x1f\x8b\x08\x00" + b"\0" * 20])
def test_a_broken_archive_is_a_usage_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match="broken"), open_target(str(tmp_path / name)):
        pass


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    archive = sdist(tmp_path / "many.tar.gz", *[(entry(f"f{number}.py"), b"") for number in range(30)])
    with pytest.raises(UsageError, match="entries"), open_target(str(archive), limits=Limits(files=10)):
        pass


def test_files_whose_size_fills_whole_blocks_unpack_intact(tmp_path: Path) -> None:
    members = [(entry(f"f{size}.txt"), bytes([65 + size % 26]) * size) for size in (0, 1, 511, 512, 513, 1024, 65_536, 1 << 20)]
    archive = sdist(tmp_path / "blocks.tar.gz", *members)
    with open_target(str(archive)) as repository:
        for info, content in members:
            assert (repository.root / info.name).read_bytes() == content


# ------------------------------------------------------------------------------------------------ git


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(
        tmp_path_factory.mktemp("origin"),
        **{
            "src/a.py": "x = 1\n",
            ".github/workflows/ci.yml": "on: push\n",
            ".gitattributes": ".github export-ignore\n*.py filter=evil ident export-subst\n",
            ".gitignore": "src/\n",
        },
    )
    (root / "src/link.py").symlink_to("/etc/passwd")

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-f", ".")
    git("commit", "-qm", "first")
    hook = root / ".git/hooks/post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {root}/hooked\n")
    hook.chmod(0o755)
    return root


def test_a_git_url_is_cloned_whole_and_nothing_of_it_runs(origin: Path) -> None:
    with open_target(f"file://{origin}") as repository:
        assert repository.name == origin.name
        assert repository.commit is not None
        assert len(repository.commit) == 40
        assert {"src/a.py", ".github/workflows/ci.yml"} <= {item.path for item in repository.sources}
        assert "src/link.py" not in {item.path for item in repository.sources}
        assert repository.has_ci, "attributes of the repository hide nothing"
        root = repository.root
    assert not root.exists()
    assert not (origin / "hooked").exists()


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c 'touch pwned'",
        "ext::sh",
        "http://example.com/x.git",
        "ftp://example.com/x.git",
        "ssh://-oProxyCommand=touch/x",
        "https://example.com/x y",
        "file://\n/x",
        "--upload-pack=touch pwned",
        "-u",
        "git@example.com:-x",
    ],
)
def test_a_url_that_could_run_something_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError), open_target(url):
        pass
    assert not list(tmp_path.iterdir())


def test_an_unreachable_repository_names_the_url_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught, open_target("https://user:hunter2@127.0.0.1:1/x.git"):
        pass
    assert "127.0.0.1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(UsageError, match="check the URL"), open_target(f"file://{tmp_path}/missing"):
        pass


def test_a_repository_larger_than_the_limits_is_refused(origin: Path) -> None:
    with pytest.raises(UsageError, match=origin.name), open_target(f"file://{origin}", limits=Limits(archive_bytes=10)):
        pass


def test_urls_are_told_from_paths() -> None:
    assert is_git_url("https://example.com/a/b.git")
    assert is_git_url("git@example.com:a/b.git")
    assert not is_git_url("a/b")
    assert not is_git_url("./ext")
    assert repository_name("https://example.com/a/b.git/") == "b"
    assert repository_name("git@example.com:c.git") == "c"
    assert without_credentials("https://u:p@h/x") == "https://h/x"


def test_scopes_survive_a_round_trip_through_an_archive(tmp_path: Path) -> None:
    archive = sdist(tmp_path / "a.tar.gz", (entry("a/tests/test_x.py"), b"def test_x(): ...\n"), (entry("a/a/x.py"), b"x = 1\n"))
    with open_target(str(archive)) as repository:
        assert {item.path: item.scope for item in repository.sources} == {"a/x.py": Scope.PRODUCTION, "tests/test_x.py": Scope.TEST}
        assert repository.has_tests
