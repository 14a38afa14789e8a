"""The page of the local workspace: a fixed list of files, read once when the workspace starts."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path, PurePath

from aiohttp import web

_PACKAGE = "bot.sandbox"
_FOLDER = "page"
#: The kinds of files that the page consists of. `mimetypes` reads the machine's own table, which may lack JavaScript.
_TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class PageFile:
    """A file of the page, as it was when the workspace started."""

    body: bytes
    content_type: str

    def to_response(self) -> web.Response:
        """Build a response with the file's content."""
        charset = "utf-8" if self.content_type.startswith("text/") else None
        return web.Response(body=self.body, content_type=self.content_type, charset=charset)


def build_page_routes() -> list[web.RouteDef]:
    """Build the routes of the page: `/`, its files under `/static/`, and the permalinks of messages.

    This function reads the files, once. A request selects one of them by its name, never by a path on this machine.
    """
    folder = resources.files(_PACKAGE).joinpath(_FOLDER)
    pages, files = read_page_files(folder), read_page_files(folder.joinpath("static"))
    return [
        web.get("/", partial(_serve_index, pages), name="page"),
        web.get("/static/{name}", partial(_serve_static, files), name="static"),
        web.get(r"/archives/{channel:[A-Z0-9]+}/{message:p[0-9]+}", _redirect_permalink, name="permalink"),
    ]


def read_page_files(folder: Traversable) -> dict[str, PageFile]:
    """Read the HTML, script, style and image files in `folder`, by name; skip hidden files, links and subfolders."""
    if not folder.is_dir():
        return {}
    return {
        entry.name: PageFile(entry.read_bytes(), _TYPES[PurePath(entry.name).suffix])
        for entry in folder.iterdir()
        if _is_page_file(entry)
    }


def _is_page_file(entry: Traversable) -> bool:
    is_link = isinstance(entry, Path) and entry.is_symlink()
    has_served_name = PurePath(entry.name).suffix in _TYPES and not entry.name.startswith(".")
    return has_served_name and not is_link and entry.is_file()


async def _redirect_permalink(request: web.Request) -> web.Response:
    """Redirect a permalink of chat.getPermalink to the message's channel on the page."""
    raise web.HTTPFound(f"/#channel={request.match_info['channel']}")


async def _serve_index(pages: Mapping[str, PageFile], _request: web.Request) -> web.Response:
    return _build_response(pages.get("index.html"))


async def _serve_static(files: Mapping[str, PageFile], request: web.Request) -> web.Response:
    return _build_response(files.get(request.match_info["name"]))


def _build_response(file: PageFile | None) -> web.Response:
    return file.to_response() if file else web.Response(status=404, text="there is no such page here")
