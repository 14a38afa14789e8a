"""Draw the packages of the bot and their imports for docs/architecture.md, from the code.

    python -m tools.package_diagram

prints a Mermaid diagram. An arrow says that the first package imports the second. The domain is imported by every
package of the bot, so its arrows are left out.
"""

import grimp

#: Imported by every package; its arrows would hide the others.
_EVERYWHERE = "domain"


def draw_package_diagram() -> str:
    """The packages directly below `bot` and the imports between them, as a Mermaid flow chart."""
    graph = grimp.build_graph("bot")
    packages = sorted(module.removeprefix("bot.") for module in graph.find_children("bot") if "__main__" not in module)
    arrows = [
        f"    {importer} --> {imported}"
        for importer in packages
        for imported in packages
        if imported not in {importer, _EVERYWHERE} and _imports(graph, importer, imported)
    ]
    return "\n".join(["flowchart TD", *arrows])


def _imports(graph: grimp.ImportGraph, importer: str, imported: str) -> bool:
    sources = {f"bot.{importer}", *graph.find_descendants(f"bot.{importer}")}
    targets = {f"bot.{imported}", *graph.find_descendants(f"bot.{imported}")}
    return any(graph.find_modules_directly_imported_by(source) & targets for source in sources)


if __name__ == "__main__":
    print(draw_package_diagram())  # noqa: T201 - the output of the tool
