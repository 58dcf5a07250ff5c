"""A town: streets, facilities, homes, areas and rasters in memory, to ask questions of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from geowoonzorg.errors import StudyError
from geowoonzorg.messages import inert
from geowoonzorg.progress import Progress, silent
from geowoonzorg.study import Study, read_study
from geowoonzorg.town._data import About, Walking
from geowoonzorg.town.areas import no_areas
from geowoonzorg.town.class_colours import class_sign
from geowoonzorg.town.classes import several
from geowoonzorg.town.frames import replaced_fields, town_from_frames
from geowoonzorg.town.reading import demo_study, read_town
from geowoonzorg.town.tiles import iter_tiles
from geowoonzorg.town.walking import TownWalks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import folium
    import geopandas as gpd

    from geowoonzorg.study import RasterInput
    from geowoonzorg.walk.network import WalkNetwork


class Town(TownWalks):
    """Everything a question needs, in memory, and where each thing comes from.

    A town is never changed: `replace` gives another one. Its frames are shared with it, so change a copy.
    Everything is in one metric CRS (m); the fields are those of `TownData`.

    Examples
    --------
    >>> town = Town.demo()
    >>> town.nearest("huisarts")["distance_m"].median().round()
    np.float64(...)
    """

    @classmethod
    def read(cls, study: str | Path | Study, *, progress: Progress = silent) -> Self:
        """Read what a study names, but for its sites, which belong to the question.

        Parameters
        ----------
        study
            The path of a ``study.toml``, or a `Study`.
        progress
            Hears how far the work is.

        Returns
        -------
        Town
            In the study's CRS.

        Raises
        ------
        StudyError
            When the study is wrong: all faults at once.
        InputError, FormatError, SourceError, CrsError
            When an input cannot be used; the message says which, what and how to mend it.
        Cancelled
            When ``progress`` asks to stop.

        Examples
        --------
        >>> Town.read(demo_study()).classes[:3]
        ('huisarts', 'supermarkt', 'apotheek')
        """
        question = study if isinstance(study, Study) else read_study(study)
        return read_town(cls, question, progress=progress)

    @classmethod
    def demo(cls) -> Self:
        """Read the bundled fictional municipality.

        Returns
        -------
        Town
            Of 2 km across, with every kind of input.

        Raises
        ------
        SourceError
            When the demo's files were left out of the installation.

        Examples
        --------
        >>> Town.demo().about.name
        'Wierhaven 2023 (fictieve gemeente)'
        """
        return cls.read(demo_study())

    @classmethod
    def from_frames(  # noqa: PLR0913 - one for each thing that a town holds
        cls,
        network: WalkNetwork,
        *,
        facilities: gpd.GeoDataFrame | None = None,
        addresses: gpd.GeoDataFrame | None = None,
        areas: gpd.GeoDataFrame | None = None,
        rasters: Mapping[str, str | Path | RasterInput] | None = None,
        name: str = "town",
        classes: Sequence[str] | None = None,
        absent: Collection[str] = (),
        complete: bool | Collection[str] = (),
        walking: Walking | None = None,
    ) -> Self:
        """Make a town of what is in memory.

        Parameters
        ----------
        network
            The streets; their CRS is the town's.
        facilities
            Points or polygons in any CRS, with ``facility_class``; the key is ``id``, else the index.
        addresses
            Where people live; the key is ``id``, else the index, which `nearest` gives back.
        areas
            Polygons with a column or index ``code``; columns of the catalogue of open data, such as
            ``inhabitants``, and own numbers under their own names.
        rasters
            By name the path of a GeoTIFF, or a ``RasterInput``.
        name
            What the town is called on outputs.
        classes
            The facility classes that are asked for; those of ``facilities`` by default.
        absent
            The classes of which it is known that there are none.
        complete
            The classes of which ``facilities`` has all there are, ``True`` for all that are asked for: what it
            does not hold of them does not exist.
        walking
            How far people walk; 400 m by default.

        Returns
        -------
        Town
            In the network's CRS.

        Raises
        ------
        CrsError, DuplicateIdError, GeometryError, MissingColumnError, InputError
            When a frame cannot be used: without CRS, ids that occur twice, an index of several levels; when
            ``absent`` or ``complete`` contradict the rest.

        Examples
        --------
        >>> town = Town.demo()
        >>> other = Town.from_frames(town.network, facilities=town.facilities, addresses=town.addresses)
        >>> other.nearest("apotheek")["distance_m"].equals(town.nearest("apotheek")["distance_m"])
        True
        """
        settings: dict[str, Any] = {} if classes is None else {"classes": several(classes)}
        return town_from_frames(
            cls, network,
            facilities=facilities, addresses=addresses, areas=areas, rasters=rasters,
            about=About(name), absent=frozenset(several(absent)), complete=complete,
            walking=walking or Walking(), **settings,
        )  # fmt: skip

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - any field
        """Give another town, in which some things are different; nothing is read again.

        Parameters
        ----------
        **changes
            Fields of the town. ``facilities``, ``addresses`` and ``areas`` may be frames in any CRS, and
            ``rasters`` a mapping as in `from_frames`. A class of which the last facility goes is known not to
            exist; what is given is its own source from then on.

        Returns
        -------
        Town
            The other town; this one stays as it is.

        Raises
        ------
        StudyError
            When a town has no such field.
        CrsError, DuplicateIdError, GeometryError, MissingColumnError, InputError
            As `from_frames`.

        Examples
        --------
        >>> town = Town.demo()
        >>> fewer = town.replace(facilities=town.facilities.query("facility_class != 'apotheek'"))
        >>> "apotheek" in set(fewer.facilities["facility_class"])
        False
        """
        unknown = sorted(set(changes) - {*self.__dataclass_fields__, "areas"})
        if unknown:
            raise StudyError(
                "a town has no {names}; it has {known}",
                names=", ".join(unknown), known=", ".join(sorted(self.__dataclass_fields__)),
            )  # fmt: skip
        return replace(self, **replaced_fields(self, changes))

    @property
    def areas(self) -> gpd.GeoDataFrame:
        """The areas as one layer: figures, balance and ``status``; no rows where there are none."""
        return no_areas(self.crs) if self.figures is None else self.figures.layer

    def tiles(self, *, km: float = 10.0, margin_m: float = 1_000.0) -> Iterator[Self]:
        """Cut the town into square tiles that can be asked one by one.

        Parameters
        ----------
        km
            The side of a tile, in kilometres.
        margin_m
            How far streets and facilities reach beyond the tile, in metres: at least the walking limit and
            twice ``max_snap_m``, or the answers would not be the whole town's.

        Yields
        ------
        Town
            Of each tile with addresses, from the south-west. Its addresses, its areas and the facilities of its
            `service_areas` are its own; what is asked beyond the margin is looked up in this town, as long as
            the tile is not sent to another process.

        Raises
        ------
        StudyError
            When a tile has no size, or the margin is less than the town's walking limit needs.

        Examples
        --------
        >>> town = Town.demo()
        >>> tiles = list(town.tiles(km=1, margin_m=1_000))
        >>> sum(len(tile.addresses) for tile in tiles) == len(town.addresses)
        True
        """
        return iter_tiles(self, km=km, margin_m=margin_m)

    def explore(self, **options: Any) -> folium.Map:  # noqa: ANN401 - as folium has them
        """Draw the streets and the facilities on a map, to look around in a notebook.

        Parameters
        ----------
        **options
            As `folium.Map` takes them, such as ``tiles``.

        Returns
        -------
        folium.Map
            In WGS 84, with a control for its layers; more can be added.

        Notes
        -----
        Each class has its own colour, that of the map page, and its first two letters. Names from outside are made
        harmless here and in `Answer.explore`; geopandas' own ``explore`` on a frame runs what a hostile name
        holds, so draw frames of others with these.

        Examples
        --------
        >>> Town.demo().explore(tiles=None)
        <folium.folium.Map object at ...>
        """
        import folium

        chart = self.network.explore(**options)
        centres = self.facilities.geometry.representative_point().to_crs(4326)
        places = self.facilities.assign(lat=centres.y, lon=centres.x)
        for name, rows in places.groupby("facility_class"):
            sign = class_sign(str(name))
            group = folium.FeatureGroup(name=f"{sign} {inert(name)}").add_to(chart)
            for row in rows.itertuples():
                told = f"{inert(name)}: {inert(row.name if isinstance(row.name, str) else row.id)}"
                icon = folium.DivIcon(
                    html=sign, icon_size=(18, 18), icon_anchor=(9, 9), class_name=""
                )
                folium.Marker((row.lat, row.lon), icon=icon, tooltip=told).add_to(group)
        folium.LayerControl().add_to(chart)
        return chart

    def __repr__(self) -> str:
        return (
            f"<Town {self.about.name}: {self.network.n_streets:,} streets, {len(self.facilities):,} facilities, "
            f"{len(self.addresses):,} {self.homes}, {len(self.areas):,} areas, {self.crs.to_string()}>"
        )

    def _repr_html_(self) -> str:
        rows = {
            "streets": f"{float(self.network.component_length_m.sum()) / 1000:.1f} km",
            "facilities": f"{len(self.facilities)}",
            self.homes: f"{len(self.addresses)}",
            "areas": f"{len(self.areas)}",
            "rasters": ", ".join(r.name for r in self.rasters) or "0",
            "CRS": self.crs.to_string(),
        }
        cells = "".join(f"<tr><th>{inert(k)}</th><td>{inert(v)}</td></tr>" for k, v in rows.items())
        return f"<table><caption>{inert(self.about.name)}</caption>{cells}</table>"
