"""Where backups go: what cannot be used is said, and nothing is made for a mere look."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengyun.server.backups.faults import KeyInvalid, TargetNotUsable
from chengyun.server.backups.places import open_target
from chengyun.server.backups.sealing import new_key, read_key, seal_for


def test_a_target_that_is_a_file_is_refused_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(TargetNotUsable) as caught:
        open_target(str(file), make=True)
    assert str(file) in caught.value.text("en")
    assert file.read_text() == "mine"


def test_a_new_folder_is_its_owners_only(tmp_path: Path) -> None:
    open_target(str(tmp_path / "a" / "b"), make=True)
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    assert list(open_target(str(tmp_path / "none")).files("backups")) == []
    assert not (tmp_path / "none").exists()


def test_keys_are_read_as_written_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "key"
    public = new_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert str(read_key(path).to_public()) == public
    with pytest.raises(FileExistsError):
        new_key(path)
    assert str(read_key(path).to_public()) == public


@pytest.mark.parametrize("text", ["nokey", "age1", ""])
def test_what_is_no_key_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(KeyInvalid):
        seal_for([text])
    (tmp_path / "file").write_text(text)
    with pytest.raises(KeyInvalid):
        read_key(tmp_path / "file")
