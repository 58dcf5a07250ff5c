"""What a question comes to: tables and words in memory, and how they are written, all files or none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from geowoonzorg.errors import Cancelled, GeowoonzorgError, OutputError, StudyError, first_ids
from geowoonzorg.files import (
    check_replaceable,
    foreign_layers,
    output_folder,
    place,
    refuse_input,
    refuse_open_database,
    remove_folder,
    set_aside,
    write_csv,
    write_layers,
    write_text,
)
from geowoonzorg.findings import Findings
from geowoonzorg.messages import tell
from geowoonzorg.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import folium
    import geopandas as gpd
    import pandas as pd

_PROVENANCE = "provenance.json"
_UNFINISHED = "unfinished"  # tables whose pages are being drawn, beside the earlier result


@dataclass(frozen=True)
class Outputs:
    """Which files an answer is written as, into a folder or as one file.

    Attributes
    ----------
    layers
        Per GeoPackage the tables in it, in order.
    tables
        Per csv file its table, without geometry.
    pages
        Whether there is a map and a report: ``map.html`` and ``report.html``.
    """

    layers: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, str]
    pages: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Every file in the folder, the map first."""
        pages = ("map.html", "report.html") if self.pages else ()
        return (*pages, *self.tables, *self.layers, _PROVENANCE)


@dataclass(frozen=True, kw_only=True)
class Answer(Findings):
    """What a question found, and the ways out of it; see `Findings` for its fields.

    The tables are attributes, too: ``answer.sites`` is ``answer.tables["sites"]``. What belongs to places that
    were given stands on their own index and in their CRS.

    Attributes
    ----------
    outputs
        Which files it is written as.
    inputs
        The files it was made of; none of them is ever an output.

    Examples
    --------
    >>> import geowoonzorg
    >>> answer = geowoonzorg.run(geowoonzorg.prepare.demo_study())
    >>> answer.sites[["name", "rank"]].head(2)
                   name  rank
    0   ...
    """

    outputs: Outputs
    inputs: tuple[Path, ...] = ()

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Give a table by its name."""
        tables: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]
        msg = f"this answer has no {name!r}; its tables are {', '.join(tables)}"
        raise AttributeError(msg)

    def __dir__(self) -> list[str]:
        """Name the tables, too, for whoever presses the tab key."""
        return sorted({*super().__dir__(), *self.tables})

    def write(
        self,
        destination: str | Path,
        *,
        lang: str = "nl",
        force: bool = False,
        progress: Progress = silent,
    ) -> list[Path]:
        """Write the answer into a folder, all files or none, or its tables as one file.

        Parameters
        ----------
        destination
            A folder; made where it does not exist. Files of an earlier run are replaced, and are
            there, whole, until all new ones are ready. The tables do not wait for map and report:
            they are there before those are drawn, in a new folder at once, and beside an earlier
            result in a folder ``unfinished``, which goes when all is done. Or a file: ``.gpkg`` for all
            layers, ``.csv`` for the first table.
        lang
            ``"nl"`` or ``"en"``, of map and report.
        force
            Also replace files of these names that no earlier run wrote.
        progress
            Hears how far the work is.

        Returns
        -------
        list of pathlib.Path
            The files, the map first.

        Raises
        ------
        OutputError
            As `check_output_folder`, before anything is written, or when a file in the folder is
            open in another program, or when map and report cannot be drawn; the message says where
            the tables are. An earlier result is still there, whole.
        Cancelled
            When ``progress`` cancels; the message says where the tables are, if they are ready.

        Examples
        --------
        >>> import geowoonzorg, tempfile
        >>> answer = geowoonzorg.run(geowoonzorg.prepare.demo_study())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in answer.write(folder)]
        ['map.html', 'report.html', 'scores.csv', 'coverage.csv', 'result.gpkg', 'provenance.json']
        """
        target, found = Path(destination), self._in_one_crs()
        if target.suffix.lower() in {".gpkg", ".csv"}:
            check_replaceable(target, force=force, inputs=self.inputs)
            found._write_one(target)
            return [target]
        names = self.outputs.names
        check_output_folder(target, names, force=force, inputs=self.inputs)
        with output_folder(target) as stage:
            earlier = any((target / name).exists() for name in names)
            found._write_tables(stage, progress)
            if not self.outputs.pages:
                place(stage)
                return [target / name for name in names]
            if earlier:
                ready = set_aside(stage, _UNFINISHED)
            else:
                ready = target
                place(stage)
            with _tables_stay(ready):
                found._write_pages(stage, lang, progress)
                place(stage)
            remove_folder(target / _UNFINISHED)
        return [target / name for name in names]

    def to_folium(self, *, lang: str = "nl") -> folium.Map:
        """Draw the answer as a folium map with named layers, to go on from.

        Parameters
        ----------
        lang
            ``"nl"`` or ``"en"``: the language of names and popups.

        Returns
        -------
        folium.Map
            In WGS 84, with a control for its layers.

        Raises
        ------
        StudyError
            When the language is not one of the two.

        Examples
        --------
        >>> import geowoonzorg
        >>> geowoonzorg.run(geowoonzorg.prepare.demo_study()).to_folium()
        <folium.folium.Map object at ...>
        """
        from geowoonzorg.show.folium_map import to_folium

        return to_folium(self._in_one_crs(), lang=lang)

    def explore(self, *, lang: str = "nl") -> folium.Map:
        """Look at the answer in a notebook; the same as `to_folium`.

        Parameters
        ----------
        lang
            ``"nl"`` or ``"en"``.

        Returns
        -------
        folium.Map
            As `to_folium`.

        Raises
        ------
        StudyError
            When the language is not one of the two.

        Examples
        --------
        >>> import geowoonzorg
        >>> geowoonzorg.run(geowoonzorg.prepare.demo_study()).explore()
        <folium.folium.Map object at ...>
        """
        return self.to_folium(lang=lang)

    def _in_one_crs(self) -> Self:
        """Give the answer with every layer in the CRS asked for and on a range index, as files have them."""
        crs = self.asked.crs
        tables = {
            name: (table if getattr(table, "crs", None) in {None, crs} else table.to_crs(crs))
            .reset_index(drop=True)
            for name, table in self.tables.items()
        }  # fmt: skip
        return replace(self, tables=tables)

    def _layers(self, names: Iterable[str]) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
        return {name: self.tables[name] for name in names}

    def _write_one(self, target: Path) -> None:
        names = next(iter(self.outputs.layers.values()), ())
        if target.suffix.lower() == ".csv":
            if not self.outputs.tables:
                raise StudyError("{file}: this answer has layers; give a name that ends in .gpkg", file=target)
            write_csv(target, _plain(self.tables[next(iter(self.outputs.tables.values()))]))
            return
        provenance = json.dumps(self.provenance, ensure_ascii=False, sort_keys=True)
        write_layers(target, self._layers(names), metadata={"provenance": provenance})

    def _write_tables(self, stage: Path, progress: Progress) -> None:
        provenance = json.dumps(self.provenance, indent=2, ensure_ascii=False, sort_keys=True)
        progress(0.1, "writing layers")
        for name, layers in self.outputs.layers.items():
            write_layers(stage / name, self._layers(layers), metadata={"provenance": provenance})
        progress(0.4, "writing table")
        for name, table in self.outputs.tables.items():
            write_csv(stage / name, _plain(self.tables[table]))
        write_text(stage / _PROVENANCE, provenance + "\n")

    def _write_pages(self, stage: Path, lang: str, progress: Progress) -> None:
        from geowoonzorg.show.maps import render_map
        from geowoonzorg.show.report import render_report

        progress(0.5, "drawing map")
        page = render_map(self, lang=lang, background=self.asked.background)
        write_text(stage / "map.html", page)
        progress(0.9, "writing report")
        write_text(stage / "report.html", render_report(self, lang=lang))


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns="geometry") if "geometry" in table else table


@contextmanager
def _tables_stay(folder: Path) -> Iterator[None]:
    """Say of whatever keeps the pages from being drawn that the tables are there."""
    told = tell("the new tables are in {folder}, without map and report", folder=folder)
    try:
        yield
    except Cancelled as error:
        raise Cancelled("cancelled; {told}", told=told) from error
    except GeowoonzorgError as error:
        raise type(error)("{what} ({told})", what=error.message, told=told) from error
    except Exception as error:
        raise OutputError(
            "map and report could not be drawn ({kind}: {error}); {told}",
            kind=type(error).__name__, error=error, told=told,
        ) from error  # fmt: skip


def check_output_folder(
    folder: str | Path,
    names: Iterable[str],
    *,
    force: bool = False,
    inputs: Iterable[str | Path] = (),
) -> None:
    """Find out whether an answer can be written into a folder, and what it would replace.

    Parameters
    ----------
    folder
        The output folder. What a killed run was putting in place there is put in place now.
    names
        The files that would be written.
    force
        Replace files that no earlier run wrote.
    inputs
        What the answer is made of.

    Raises
    ------
    OutputError
        When nothing can be written there, when an output would replace an input, or, without
        ``force``, a file that no earlier run wrote or that others have worked in.

    Examples
    --------
    >>> check_output_folder("no/such/parent/out", ["scores.csv"])
    Traceback (most recent call last):
    geowoonzorg.errors.OutputError: no/such/parent/out could not be written: the folder does not ...
    """
    folder, given, names = Path(folder), list(inputs), list(names)
    with output_folder(folder):
        pass  # a trial: nothing is staged
    for name in names:
        refuse_input(folder / name, given)
        refuse_open_database(folder / name)
    aside = folder / _UNFINISHED
    if os.path.lexists(aside) and not _was_set_aside(aside, names):
        raise OutputError(
            "{folder} is not of an earlier run; move it away, or choose another folder", folder=aside
        )
    there = [name for name in names if (folder / name).exists()]
    if force or not there:
        return
    if not _is_ours(folder / _PROVENANCE):
        raise OutputError(
            "{folder} has {names} that no earlier run wrote; choose another folder, or give --force to replace them",
            folder=folder, names=", ".join(there),
        )  # fmt: skip
    for name in there:
        foreign = foreign_layers(folder / name) if name.endswith(".gpkg") else []
        if foreign:
            raise OutputError(
                "{file} holds what no run wrote, or what was changed since: {layers}; move the file away or choose "
                "another folder, or give --force to replace the whole file",
                file=folder / name, layers=first_ids(foreign),
            )  # fmt: skip


def _was_set_aside(folder: Path, names: Iterable[str]) -> bool:
    """Tell whether a folder holds the tables of a run whose pages were not drawn, and nothing else."""
    whole = folder.is_dir() and not folder.is_symlink()
    there = {p.name for p in folder.iterdir()} if whole else {""}
    tables = [name for name in names if not name.endswith(".html")]
    return not there or (
        there <= set(tables)
        and _is_ours(folder / _PROVENANCE)
        and not any(foreign_layers(folder / n) for n in there if n.endswith(".gpkg"))
    )


def _is_ours(provenance: Path) -> bool:
    try:
        return "geowoonzorg" in json.loads(provenance.read_text(encoding="utf-8"))["versions"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
