"""What a question comes to: tables and words in memory, and the ways out of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from geowoonzorg.ask.writing import Outputs, check_output_folder, write_file, write_folder
from geowoonzorg.errors import StudyError
from geowoonzorg.files import bring_to, check_replaceable, is_parquet
from geowoonzorg.findings import Findings
from geowoonzorg.messages import inert, translate
from geowoonzorg.progress import Progress, silent
from geowoonzorg.show.texts import read_texts

_NOT_WRITTEN = {
    ".geojson",
    ".json",
    ".html",
    ".shp",
    ".xlsx",
    ".tif",
    ".fgb",
    ".txt",
    ".pdf",
}

if TYPE_CHECKING:
    from collections.abc import Mapping

    import folium
    import pandas as pd


@dataclass(frozen=True, eq=False, kw_only=True)
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
    >>> from geowoonzorg.prepare import demo_study
    >>> answer = geowoonzorg.run(demo_study())
    >>> answer.sites.loc[answer.sites["rank"] == 1, "name"].tolist()
    ['Voormalige Marktschool']
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

    def __repr__(self) -> str:
        tables = ", ".join(f"{name} {len(table)}" for name, table in self.tables.items())
        return f"<Answer of {self.question} about {self.asked.name}: {tables}>"

    def _repr_html_(self) -> str:
        """Tell a notebook what was found, and which tables say so with how many rows and columns."""
        said = "".join(f"<li>{inert(translate(line, 'nl'))}</li>" for line in self.summary)
        shapes = ((name, *table.shape) for name, table in self.tables.items())
        tables = ", ".join(f"<code>{inert(name)}</code> {n} × {m}" for name, n, m in shapes)
        return f"<b>{inert(self.asked.name)}</b><ul>{said}</ul><small>{tables}</small>"

    def __dir__(self) -> list[str]:
        """Name the tables, too, for whoever presses the tab key."""
        return sorted({*super().__dir__(), *self.tables})

    def write(
        self,
        destination: str | Path,
        *,
        lang: str = "nl",
        force: bool = False,
        pdf: bool = False,
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
        pdf
            Into a folder with a report: also print that, as ``report.pdf``, with the Chromium, Chrome or Edge of
            this computer. Where there is none, or it does not print, the file is not among those written.
        progress
            Hears how far the work is.

        Returns
        -------
        list of pathlib.Path
            The files, the map first.

        Raises
        ------
        StudyError
            When the language is not one of the two, or a file of another format is asked for.
        OutputError
            As `check_output_folder`, before anything is written, or when a file in the folder is
            open in another program, or when map and report cannot be drawn; the message says where
            the tables are. An earlier result is still there, whole.
        Cancelled
            When ``progress`` cancels; the message says where the tables are, if they are ready.

        Examples
        --------
        >>> import tempfile
        >>> import geowoonzorg
        >>> from geowoonzorg.prepare import demo_study
        >>> answer = geowoonzorg.run(demo_study())
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     [path.name for path in answer.write(folder)]
        ['map.html', 'report.html', 'scores.csv', 'coverage.csv', 'lenses.csv', 'result.gpkg', 'provenance.json']
        """
        read_texts(lang)  # a language that there is not is told before anything is written
        target, found = Path(destination), self.in_one_crs()
        if target.suffix.lower() in _NOT_WRITTEN and not target.is_dir():
            raise StudyError(
                "{file}: an answer is written into a folder, or as .gpkg, .parquet or .csv",
                file=target,
            )
        if is_parquet(target) or target.suffix.lower() in {".gpkg", ".csv"}:
            files = [target]
            if target.suffix.lower() != ".csv":
                files += self.outputs.beside(target)
            for file in files:
                check_replaceable(file, force=force, inputs=self.inputs)
            write_file(found, self.outputs, target, lang=lang)
            return files
        outputs = replace(self.outputs, printed=True) if pdf else self.outputs
        check_output_folder(
            target, outputs.names, force=force, inputs=self.inputs, question=self.question
        )
        return write_folder(found, outputs, target, lang=lang, progress=progress)

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
        >>> from geowoonzorg.prepare import demo_study
        >>> geowoonzorg.run(demo_study()).to_folium()
        <folium.folium.Map object at ...>
        """
        from geowoonzorg.show.folium_map import to_folium

        return to_folium(self.in_one_crs(), lang=lang)

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
        >>> from geowoonzorg.prepare import demo_study
        >>> geowoonzorg.run(demo_study()).explore()
        <folium.folium.Map object at ...>
        """
        return self.to_folium(lang=lang)

    def in_one_crs(self) -> Self:
        """Give the answer with every layer in the CRS asked for and on a range index, as files have them.

        Returns
        -------
        Answer
            Another one; this one stays as it is.

        Examples
        --------
        >>> import geowoonzorg
        >>> from geowoonzorg.prepare import demo_study
        >>> geowoonzorg.run(demo_study()).in_one_crs().sites.crs.to_string()
        'EPSG:28992'
        """
        tables = {name: _in_crs(table, self.asked.crs) for name, table in self.tables.items()}
        return replace(self, tables=tables)


def _in_crs(table: pd.DataFrame, crs: str) -> pd.DataFrame:
    import geopandas as gpd

    if isinstance(table, gpd.GeoDataFrame) and table.crs is not None and table.crs != crs:
        table = bring_to(table, crs)
    return table.reset_index(drop=True)
