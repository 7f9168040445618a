"""Takes out of packages what they do when they are imported, and no function has a use for.

Lambda bills a start until its first answer, and most of ours is imports. What a package offers stays as it is.
"""

import ast
import sys
from pathlib import Path

# Each imports all of its modules for the sake of a few: AppSync, Bedrock and asyncio for an API Gateway event.
LAZY = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/data_classes",
    "charset_normalizer",
    "wrapt",
)
# Seventy TypedDicts that only type checkers read; Python compiles each annotation of theirs.
TYPED = "pydantic_core/core_schema.py"

# PEP 562. A name is looked up once and then stands in the module, as if it had been imported.
RESOLVER = """
from importlib import import_module as _import_module

_HOMES = {homes}


def __getattr__(name):
    if name in _HOMES:
        home, own = _HOMES[name]
        value = globals()[name] = getattr(_import_module(home, __name__), own)
        return value
    if name in {submodules}:
        return _import_module("." + name, __name__)
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
"""


def lazy(package: Path, name: str) -> None:
    """What `__init__` imports from within the package is imported when somebody first asks for it."""
    init = package / "__init__.py"
    submodules = {path.stem for path in package.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    stays: list[str] = []
    homes: dict[str, tuple[str, str]] = {}
    for statement in ast.parse(init.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ImportFrom) and is_within(statement, name):
            names = {one.asname or one.name: one.name for one in statement.names}
            # Whoever imports a module hides what is named like it, unless that was there before.
            if not submodules & names.keys():
                home = "." * statement.level + (statement.module or "")
                homes |= {said: (home, own) for said, own in names.items()}
                continue
        stays.append(ast.unparse(statement))
    resolver = RESOLVER.format(homes=homes, submodules=sorted(submodules - {"__init__"}))
    rewrite(init, "\n".join(stays) + resolver)


def is_within(statement: ast.ImportFrom, package: str) -> bool:
    return statement.level == 1 or f"{statement.module}.".startswith(f"{package}.")


def untyped(file: Path) -> None:
    """TypedDicts keep their names and lose their fields: as values they are dictionaries anyway."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and any(ast.unparse(base) == "TypedDict" for base in statement.bases):
            statement.body = [ast.Pass()]
    rewrite(file, ast.unparse(tree))


def rewrite(file: Path, text: str) -> None:
    """As another file: an installed one may be a link, and the same file in other environments."""
    file.unlink()
    file.write_text(text, encoding="utf-8")


def import_less(layer: Path) -> None:
    for package in LAZY:
        lazy(layer / package, package.replace("/", "."))
    untyped(layer / TYPED)


if __name__ == "__main__":
    import_less(Path(sys.argv[1]))
