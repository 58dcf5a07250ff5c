"""GeoParquet in and out: the same layer as elsewhere, whole or not at all, and told when it cannot be."""

from __future__ import annotations

import json
import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from english import run_command

from geowoonzorg.ask import locate, score_sites
from geowoonzorg.errors import CrsError, FormatError, InputError, OutputError
from geowoonzorg.files import _writing as writing
from geowoonzorg.files import read_places, read_vector, write_layers
from geowoonzorg.prepare import demo_study
from geowoonzorg.town import Town

DEMO = demo_study().parent


@pytest.fixture(scope="module")
def demo():
    return Town.demo()


def layer(n=3):
    return gpd.GeoDataFrame(
        {
            "id": [f"a{i}" for i in range(n)],
            "far": np.where(np.arange(n) == 1, np.nan, 10.5).astype("float32"),
            "n": pd.array([1, None, 3][:n] + [4] * max(0, n - 3), dtype="Int64"),
        },
        geometry=shapely.points(np.column_stack([190_000.0 + np.arange(n), np.full(n, 500_000.0)])),
        crs=28992,
    )


@pytest.fixture
def ask(capsys):
    """A command in this process: its exit code and what it said."""

    def done(*words):
        code = run_command(words)
        told = capsys.readouterr()
        return code, told.out + told.err

    return done


def test_a_layer_comes_back_as_it_was(tmp_path):
    own = layer()
    own.attrs["notes"] = [object()]  # what a layer notes is not of the file
    write_layers(tmp_path / "a.parquet", {"points": own.set_axis([7, 8, 9])})
    back = read_vector(tmp_path / "a.parquet", role="points")
    assert back.crs == own.crs
    pd.testing.assert_frame_equal(pd.DataFrame(back), pd.DataFrame(own), check_column_type=False)
    geo = json.loads(pq.read_metadata(tmp_path / "a.parquet").metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")


def test_a_layer_of_many_rows_is_the_same_in_either_way_to_gdal(tmp_path, monkeypatch):
    """What goes to GDAL as Arrow is what goes to it row by row."""
    own = layer(50)
    write_layers(tmp_path / "rows.gpkg", {"points": own})
    monkeypatch.setattr(writing, "_MANY_ROWS", 10)
    write_layers(tmp_path / "arrow.gpkg", {"points": own})
    rows, arrow = (gpd.read_file(tmp_path / f"{name}.gpkg") for name in ("rows", "arrow"))
    pd.testing.assert_frame_equal(rows, arrow)
    assert arrow["far"].isna().tolist() == own["far"].isna().tolist()


def test_one_layer_only(tmp_path):
    with pytest.raises(OutputError, match="one layer and here are 2"):
        write_layers(tmp_path / "a.parquet", {"one": layer(), "two": layer()})
    assert list(tmp_path.iterdir()) == []


def test_what_fails_leaves_the_old_file_whole(tmp_path):
    file = tmp_path / "a.parquet"
    write_layers(file, {"points": layer()})
    before = file.read_bytes()
    with pytest.raises(OutputError, match="could not be written"):
        write_layers(file, {"points": layer().assign(mixed=[1, "two", object()])})
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a.parquet"]


def test_without_pyarrow_it_is_told_before_the_work(tmp_path, monkeypatch, ask):
    file = tmp_path / "a.parquet"
    layer().to_parquet(file)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match="pip install pyarrow"):
        read_vector(file, role="sites")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = ask(
        "nearest", "no-network.pbf", "no-homes.gpkg", "no-shops.gpkg", "-o", tmp_path / "b.parquet"
    )
    assert (told[0], "pyarrow" in told[1]) == (5, True)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.99])
def test_a_file_cut_off_is_told(tmp_path, share):
    file = tmp_path / "a.parquet"
    layer(2_000).to_parquet(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(FormatError, match=r"sites: .*not a readable GeoParquet"):
        read_vector(file, role="sites")


def test_a_table_without_places_is_told(tmp_path):
    pd.DataFrame({"id": ["a"]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="does not say where its places are"):
        read_vector(tmp_path / "a.parquet", role="sites")


def rewritten(file, *, geo=None, columns=None):
    """Change what a GeoParquet says of itself, or what it holds."""
    table = pq.read_table(file)
    about = json.loads(table.schema.metadata[b"geo"])
    for name, made in (columns or {}).items():
        table = table.set_column(table.schema.get_field_index(name), name, made)
    if geo:
        geo(about)
    metadata = {**table.schema.metadata, b"geo": json.dumps(about).encode()}
    pq.write_table(table.replace_schema_metadata(metadata), file)


@pytest.mark.parametrize(
    "bad", [b"", b"\x01\x01\x00\x00\x00", b"no geometry", b"\x01" + b"\xff" * 40]
)
def test_broken_geometries_are_told(tmp_path, bad):
    file = tmp_path / "a.parquet"
    layer().to_parquet(file)
    rewritten(file, columns={"geometry": pa.array([bad] * 3, pa.binary())})
    with pytest.raises(FormatError):
        read_vector(file, role="sites")


@pytest.mark.parametrize(
    "lie",
    [
        lambda geo: geo.update(primary_column="id"),
        lambda geo: geo.update(primary_column="elsewhere"),
        lambda geo: geo.update(columns={}),
        lambda geo: geo.update(columns=[]),
        lambda geo: geo["columns"]["geometry"].update(crs={"type": "nonsense"}),
        lambda geo: geo["columns"]["geometry"].update(encoding="pickle"),
    ],
)
def test_what_a_file_says_of_itself_may_be_a_lie(tmp_path, lie):
    file = tmp_path / "a.parquet"
    layer().to_parquet(file)
    rewritten(file, geo=lie)
    with pytest.raises((FormatError, CrsError)):
        read_vector(file, role="sites")


def test_without_a_reference_system_it_is_told(tmp_path):
    file = tmp_path / "a.parquet"
    layer().to_parquet(file)
    rewritten(file, geo=lambda geo: geo["columns"]["geometry"].update(crs=None))
    with pytest.raises(CrsError):
        read_vector(file, role="sites")


def test_of_two_geometries_in_two_systems_one_is_read_and_told(tmp_path):
    file = tmp_path / "a.parquet"
    layer().assign(degrees=layer().geometry.to_crs(4326)).to_parquet(file)
    read = read_places(file, role="sites")
    assert (read.crs.to_epsg(), "degrees" in read.columns) == (28992, False)
    assert "not degrees" in str(read_vector(file, role="sites").attrs["notes"][0])


def test_more_rows_than_there_can_be_are_not_read(tmp_path):
    """Twenty million places that are all one take next to nothing on disk, and gigabytes in memory."""
    file = tmp_path / "a.parquet"
    layer(1).to_parquet(file)
    table = pq.read_table(file, columns=["geometry"])
    one = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(2_000_000, np.int8)), table["geometry"].combine_chunks()
    )
    many = pa.table({"geometry": one}).replace_schema_metadata(
        {b"geo": table.schema.metadata[b"geo"]}
    )
    pq.write_table(many, file, compression="zstd")
    assert file.stat().st_size < 1_000_000
    with pytest.raises(FormatError, match="2,000,000 rows"):
        read_vector(file, role="sites")


def test_nearest_and_its_inputs_as_parquet(tmp_path, demo, ask):
    """The command reads and writes it as it does a GeoPackage."""
    homes, shops = demo.addresses.iloc[:30], demo.places("supermarkt")
    for suffix in ("gpkg", "parquet"):
        write_layers(tmp_path / f"homes.{suffix}", {"homes": homes})
        write_layers(
            tmp_path / f"shops.{suffix}", {"shops": shops[["id", "facility_class", "geometry"]]}
        )
        network = next(DEMO.glob("*.osm.pbf"))
        words = [
            tmp_path / f"homes.{suffix}",
            tmp_path / f"shops.{suffix}",
            "-o",
            tmp_path / f"near.{suffix}",
        ]
        done = ask("nearest", network, *words)
        assert done[0] == 0, done[1]
    one, other = (read_vector(tmp_path / f"near.{suffix}") for suffix in ("gpkg", "parquet"))
    assert one.crs == other.crs
    pd.testing.assert_frame_equal(
        pd.DataFrame(one).reset_index(drop=True),
        pd.DataFrame(other),
        check_dtype=False,
        check_column_type=False,
    )
    # an own file of that name stays unless it is forced, and an input always
    again = ask("nearest", network, *words)
    assert (again[0], "exists already" in again[1]) == (5, True)
    assert ask("nearest", network, *words, "--force")[0] == 0
    words[-1] = words[0]
    assert "also an input" in ask("nearest", network, *words, "--force")[1]


def test_commands_of_several_layers_say_so_before_the_work(tmp_path, ask):
    done = ask("snap", "no-network.pbf", "no-homes.gpkg", "-o", tmp_path / "a.parquet")
    assert (done[0], "holds one layer" in done[1]) == (5, True)


def test_a_study_reads_parquet_and_an_answer_of_one_layer_is_written_as_it(tmp_path, demo):
    answer = locate(demo, facility_class="inloopvoorziening", k=1)
    answer.write(tmp_path / "new.parquet")
    assert len(read_vector(tmp_path / "new.parquet")) == 1
    assert {one.name for one in tmp_path.iterdir()} >= {"new.parquet", "new.json"}
    sites = read_places(DEMO / "kandidaten.gpkg", role="sites")
    with pytest.raises(OutputError, match="one layer"):
        score_sites(demo, sites, draws=20).write(tmp_path / "all.parquet")
    assert not (tmp_path / "all.parquet").exists()
