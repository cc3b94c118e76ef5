"""Two processes at one folder: one tries whether it may write there while the other writes."""

from threading import Event, Thread

from aevum import storage
from aevum.storage import files


def test_who_tries_and_who_writes_do_not_disturb_each_other(tmp_path):
    ended, problems = Event(), []

    def tries():
        while not ended.is_set():
            try:
                storage.check_writable(tmp_path)
            except Exception as error:
                problems.append(error)

    trying = Thread(target=tries)
    trying.start()
    try:
        for number in range(200):
            storage.write_json(tmp_path / "found.json", {"number": number})
    finally:
        ended.set()
        trying.join()
    assert not problems
    assert [path.name for path in tmp_path.iterdir()] == ["found.json"]


def test_a_folder_that_goes_while_it_is_looked_at_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / f"{files.OWN}gone").mkdir()
    looked = files.Path.is_dir

    def goes(path):
        found = looked(path)
        if path.name.startswith(files.OWN):
            path.rmdir()
        return found

    monkeypatch.setattr(files.Path, "is_dir", goes)
    assert list(files.left(tmp_path)) == []
