from __future__ import annotations

import pytest

from sigforensics.errors import FileUnreadable, NoImages
from sigforensics.scans import list_images


def test_images_are_listed_by_name_and_nothing_else(tmp_path):
    for name in ("b.PNG", "a.tif", "c.jpeg", "d.pdf", ".hidden.png", "notes.txt", "record.json"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "e.png").write_bytes(b"x")
    assert [path.name for path in list_images(tmp_path)] == ["a.tif", "b.PNG", "c.jpeg", "d.pdf"]


def test_a_folder_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(NoImages, match="no PNG, JPEG, TIFF or PDF file in it"):
        list_images(tmp_path)


def test_what_is_no_folder_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(FileUnreadable, match="is no folder"):
        list_images(tmp_path / "a.png")
    with pytest.raises(FileUnreadable, match="there is no such folder"):
        list_images(tmp_path / "none")


def test_a_path_at_which_the_system_does_not_even_look_is_refused(tmp_path, monkeypatch):
    with pytest.raises(FileUnreadable, match=r"[Nn]ame too long|no such folder"):
        list_images(tmp_path / ("x" * 300))

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.is_dir", refuse)
    with pytest.raises(FileUnreadable, match="Permission denied"):
        list_images(tmp_path)


def test_a_folder_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.iterdir", refuse)
    with pytest.raises(FileUnreadable, match="Permission denied"):
        list_images(tmp_path)
