"""What a packed file may do to the folder it is unpacked into."""

import errno
import gzip
import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.imports.reading import archives
from gis_layers.imports.reading.archives import MEMBERS_MAX, safe_name, unpacked
from gis_layers.imports.reading.refusals import Refused

LAYER = b'{"type": "FeatureCollection", "features": []}'
SHAPE, REST = b"\0\0\x27\x0a", b"rest"
LIMIT = 1_000_000  # bytes


def zipped(path: Path, members: dict[str, bytes] | list[tuple[object, bytes]]) -> Path:
    pairs = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return path


def shapefile(stem: str, *suffixes: str) -> dict[str, bytes]:
    return {f"{stem}{suffix}": SHAPE if suffix == ".shp" else REST for suffix in suffixes}


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    return tmp_path / "room"


def unpack(path: Path, room: Path, limit: int = LIMIT) -> list[str]:
    """The files found, by their names in the room."""
    return [str(found.relative_to(room)) for found in unpacked(path, room, limit)]


def refusal(path: Path, room: Path, limit: int = LIMIT) -> str:
    with pytest.raises(Refused) as refused:
        unpacked(path, room, limit)
    return refused.value.code


def test_a_plain_file_is_seen_without_what_stands_beside_it(tmp_path, room):
    (tmp_path / "x.geojson").write_bytes(LAYER)
    (tmp_path / "x.gfs").write_text("a template for GDAL's GML reader")
    assert unpack(tmp_path / "x.geojson", room) == ["x.geojson"]
    assert [path.name for path in room.iterdir()] == ["x.geojson"]


def test_the_suffix_comes_from_the_content(tmp_path, room):
    (tmp_path / "x.vrt.gz").write_bytes(gzip.compress(LAYER))
    assert unpack(tmp_path / "x.vrt.gz", room) == ["x.geojson"]


def test_a_shapefile_in_capitals_and_folders_gets_its_parts_together(tmp_path, room):
    parts = shapefile("Dane/ULICE", ".SHP", ".shx", ".DBF", ".prj", ".sbn")
    parts["Dane/ULICE.SHP"] = SHAPE
    (found,) = unpacked(zipped(tmp_path / "u.zip", parts), room, LIMIT)
    assert sorted(part.name for part in found.parent.iterdir()) == [
        "ULICE.dbf",
        "ULICE.prj",
        "ULICE.shp",
        "ULICE.shx",
    ]


def test_several_layers_of_one_archive_are_several_files(tmp_path, room):
    members = shapefile("a", ".shp", ".shx", ".dbf") | {"b.geojson": LAYER, "readme.txt": REST}
    found = unpack(zipped(tmp_path / "l.zip", members), room)
    assert sorted(Path(name).name for name in found) == ["a.shp", "b.geojson"]


def test_what_macos_adds_is_passed_over(tmp_path, room):
    members = {"a.geojson": LAYER, "__MACOSX/._a.geojson": REST, ".hidden.geojson": REST}
    assert unpack(zipped(tmp_path / "m.zip", members), room) == ["0/a.geojson"]


@pytest.mark.parametrize(
    "name", ["../a.geojson", "a/../../b.geojson", "/etc/a.geojson", "..\\a.geojson", "C:\\a.json"]
)
def test_a_name_that_leaves_the_folder_refuses_the_archive(tmp_path, room, name):
    path = zipped(tmp_path / "t.zip", {"good.geojson": LAYER, name: LAYER})
    assert refusal(path, room) == "archive_unsafe"
    assert list(room.iterdir()) == []


def test_a_link_in_an_archive_is_refused(tmp_path, room):
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(zipped(tmp_path / "l.zip", [(link, b"/etc/passwd")]), room) == "archive_unsafe"


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("other", ["a.geojson", "A.geojson"])
def test_two_members_of_one_name_are_refused(tmp_path, room, other):
    path = zipped(tmp_path / "d.zip", [("a.geojson", LAYER), (other, LAYER)])
    assert refusal(path, room) == "archive_unsafe"


def test_a_member_without_a_name_is_refused(tmp_path, room):
    path = zipped(tmp_path / "n.zip", {"a": LAYER})
    content = path.read_bytes()
    central = content.index(b"PK\x01\x02")
    path.write_bytes(content[: central + 46] + b"\0" + content[central + 47 :])
    assert refusal(path, room) == "archive_unsafe"


def test_thousands_of_members_are_refused(tmp_path, room):
    members = {f"{n}.geojson": b"{}" for n in range(MEMBERS_MAX + 1)}
    assert refusal(zipped(tmp_path / "n.zip", members), room) == "archive_unsafe"


@pytest.mark.parametrize("packed", ["zip", "gz"])
def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path, room, packed):
    zeros = LAYER + bytes(50 * LIMIT)
    path = tmp_path / f"bomb.geojson.{packed}"
    if packed == "zip":
        zipped(path, {"bomb.geojson": zeros})
    else:
        path.write_bytes(gzip.compress(zeros))
    assert path.stat().st_size < LIMIT / 10
    assert refusal(path, room) == "file_too_large"
    assert sum(found.stat().st_size for found in room.rglob("*") if found.is_file()) <= LIMIT


def test_a_bomb_of_many_members_is_refused_by_their_sum(tmp_path, room):
    members = {f"{n}.geojson": bytes(LIMIT // 2) for n in range(3)}
    assert refusal(zipped(tmp_path / "s.zip", members), room) == "file_too_large"


def test_a_locked_archive_is_told_apart_from_a_damaged_one(tmp_path, room):
    path = zipped(tmp_path / "l.zip", {"a.geojson": LAYER})
    content = bytearray(path.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + offset] |= 1
    path.write_bytes(content)
    assert refusal(path, room) == "archive_encrypted"


def test_a_shapefile_without_its_table_says_what_is_missing(tmp_path, room):
    path = zipped(tmp_path / "s.zip", shapefile("a", ".shp", ".prj"))
    with pytest.raises(Refused) as refused:
        unpacked(path, room, LIMIT)
    assert refused.value.details == {"missing": ".shx, .dbf"}


def test_a_lone_shp_is_asked_for_with_its_other_files(tmp_path, room):
    (tmp_path / "a.shp").write_bytes(SHAPE)
    assert refusal(tmp_path / "a.shp", room) == "shapefile_incomplete"


def test_an_archive_without_a_layer_is_none(tmp_path, room):
    assert refusal(zipped(tmp_path / "n.zip", {"a.docx": REST}), room) == "not_a_layer"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_an_archive_that_is_cut_off_is_damaged(tmp_path, room, share):
    path = zipped(tmp_path / "c.zip", {"a.geojson": LAYER})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert refusal(path, room) == "file_damaged"


def test_a_member_with_a_wrong_checksum_is_damaged(tmp_path, room):
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", LAYER)
    path.write_bytes(path.read_bytes().replace(b"Feature", b"Fea\0ure", 1))
    assert refusal(path, room) == "file_damaged"


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EFBIG, "file_too_large")]
)
def test_a_full_disk_is_told_as_such(tmp_path, room, monkeypatch, number, code):
    def full(*_about: object) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(archives, "copy", full)
    assert refusal(zipped(tmp_path / "a.zip", {"a.geojson": LAYER}), room) == code


@given(st.text(max_size=300))
def test_a_layers_name_is_always_one_name_of_a_file(stem):
    name = safe_name(stem)
    assert Path(name).name == name
    assert 0 < len(name) <= 100


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1),
        max_size=4,
    )
)
def test_whatever_its_names_an_archive_writes_into_its_folder_only(tmp_path_factory, names):
    home = tmp_path_factory.mktemp("archive")
    room = home / "room"
    room.mkdir()
    members = {f"{name}.geojson": LAYER for name in names}
    path = zipped(home / "a.zip", members)
    with suppress(Refused):
        for found in unpacked(path, room, LIMIT):
            assert found.resolve().is_relative_to(room)
    assert sorted(one.name for one in home.iterdir()) == ["a.zip", "room"]
