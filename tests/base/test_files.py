from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain_adapt.base.errors import DomainAdaptError
from domain_adapt.base.files import atomic_path, storage_error, storage_errors, write_text


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "file.txt"
    write_text(path, "Zinssatz 利率\n")
    assert path.read_bytes() == "Zinssatz 利率\n".encode()
    assert list(path.parent.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("text") / "file.txt"
    write_text(path, text)
    assert path.read_text(encoding="utf-8") == text


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with atomic_path(path) as temporary:
        assert temporary.parent == path.parent  # else replacing would not be atomic
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, there: bool, error: type[BaseException]
) -> None:
    path = tmp_path / "file.txt"
    if there:
        write_text(path, "old")

    def fail() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half of the new o")
            raise error

    with pytest.raises(error):
        fail()

    assert [each.read_text() for each in tmp_path.iterdir()] == (["old"] if there else [])


CODES = {
    errno.ENOSPC: "DA-DISK-001",
    errno.EDQUOT: "DA-DISK-001",
    errno.EACCES: "DA-DISK-002",
    errno.EPERM: "DA-DISK-002",
    errno.EROFS: "DA-DISK-002",
    errno.EIO: "DA-DISK-003",
    errno.EFBIG: "DA-DISK-003",
}


@pytest.mark.parametrize(("number", "code"), CODES.items())
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_storage_errors_are_told_by_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, call: str
) -> None:
    path = tmp_path / "file.txt"
    write_text(path, "old")

    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(DomainAdaptError) as caught:
        write_text(path, "new")

    assert caught.value.code == code
    assert str(path) in caught.value.message
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DomainAdaptError, match="DA-DISK-003"):
        write_text(tmp_path / "file" / "below.txt", "text")


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(DomainAdaptError, match="DA-DISK-003"):
        write_text(tmp_path / "taken", "text")
    assert [each.name for each in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(DomainAdaptError, match="DA-DISK-002"):
            write_text(tmp_path / "file.txt", "text")
    finally:
        tmp_path.chmod(0o700)


def test_an_error_without_a_reason_is_still_told(tmp_path: Path) -> None:
    assert "odd" in storage_error(OSError("odd"), tmp_path).message


def test_other_errors_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(KeyError), storage_errors(tmp_path):
        raise KeyError("mine")
