"""What every page of ours is made with: templates that escape, our own style and script, one policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files as package_files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("geowoonzorg.show", "assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_template(name: str, **values: Any) -> str:  # noqa: ANN401 - what the template asks for
    """Fill one of the package's templates; every string in it is escaped.

    Parameters
    ----------
    name
        A file in ``assets``.
    **values
        What the template shows.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> render_template("report.html")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    jinja2.exceptions.UndefinedError: ...
    """
    return _environment().get_template(name).render(**values)


@cache
def read_asset(name: str) -> str:
    """Read a style sheet or script that is put inside a page.

    Parameters
    ----------
    name
        A file in ``assets``.

    Returns
    -------
    str
        Its text, without the pointer to a source map that is not there.

    Examples
    --------
    >>> "L.Map.mergeOptions" in read_asset("page.js")
    True
    """
    text = package_files("geowoonzorg.show").joinpath("assets", *name.split("/")).read_text("utf-8")
    return text.replace("\r\n", "\n").partition("//# sourceMappingURL=")[0]


def policy(*, scripts: tuple[str, ...] = (), styles: tuple[str, ...] = (), images: str = "") -> str:
    """Write a content security policy under which only the page's own scripts and styles work.

    Parameters
    ----------
    scripts, styles
        The texts between the tags.
    images
        A host from which images may come, besides ``data:``.

    Returns
    -------
    str
        For a ``Content-Security-Policy`` meta tag.

    Notes
    -----
    W3C Content Security Policy Level 3, hash sources.

    Examples
    --------
    >>> policy(styles=("p{}",))[:60]
    "default-src 'none'; script-src 'none'; style-src 'sha256-..."
    """

    def hashes(texts: tuple[str, ...]) -> str:
        digests = (hashlib.sha256(text.encode()).digest() for text in texts)
        return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests) or "'none'"

    return (
        f"default-src 'none'; script-src {hashes(scripts)}; style-src {hashes(styles)}; "
        f"img-src {' '.join(filter(None, ('data:', images)))}; base-uri 'none'; form-action 'none'"
    )
