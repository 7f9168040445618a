"""Takes out of packages what they do when they are imported, and no function has a use for.

Lambda bills a start until its first answer, and most of ours is imports. What a package offers stays as it is.
"""

import ast
import sys
from collections.abc import Collection
from pathlib import Path
from textwrap import indent
from typing import Any

# Each imports all of its modules for the sake of a few: AppSync, Bedrock and asyncio for an API Gateway event.
LAZY = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/data_classes",
    "wrapt",
)
# What modules bind at their top though a start has no use for it: imports, patterns to compile, and dataclasses, whose
# methods Python compiles one by one, with what is made of them.
LATE = {
    "annotated_types/__init__.py": ("Interval", "Len", "Timezone", "Unit"),
    "aws_lambda_powertools/logging/logger.py": ("jmespath_utils",),
    "botocore/compat.py": ("tzlocal",),
    "botocore/configloader.py": ("configparser",),
    "botocore/credentials.py": ("dateutil", "parse", "tzlocal", "tzutc"),
    "botocore/handlers.py": ("VALID_S3_ARN",),
    "botocore/paginate.py": ("jmespath",),
    "botocore/regions.py": ("jmespath",),
    "botocore/tokens.py": ("dateutil", "tzutc"),
    "botocore/utils.py": ("dateutil", "tzutc"),
    "botocore/waiter.py": ("jmespath",),
    "pydantic/plugin/_loader.py": ("importlib_metadata",),
    "pydantic/types.py": (
        *("PathType", "DirectoryPath", "FilePath", "NewPath", "SocketPath"),
        *("UuidVersion", "UUID1", "UUID3", "UUID4", "UUID5", "UUID6", "UUID7", "UUID8"),
        *("EncodedBytes", "EncodedStr", "Base64Bytes", "Base64Str", "Base64UrlBytes", "Base64UrlStr"),
        *("GetPydanticSchema", "PaymentCardBrand", "PaymentCardNumber"),
    ),
    "stripe/_http_client.py": ("_default_async_client", "_default_sync_client", "asyncio", "textwrap"),
    "stripe/_stripe_client.py": (
        *("AsyncStripeEventNotificationHandler", "AsyncStripeEventNotificationHandlerWithoutVerification"),
        *("StripeEventNotificationHandler", "StripeEventNotificationHandlerWithoutVerification"),
        *("AsyncFallbackCallback", "FallbackCallback", "Event", "EventNotification"),
    ),
    "stripe/_webhook.py": ("Event",),
    "urllib3/http2/__init__.py": ("version",),
    "urllib3/util/url.py": ("_IPV6_RE",),
}
# Written for type checkers: the packages themselves never read their annotations, which Python works out one by one.
UNREAD = ("pynamodb", "stripe")
# Dataclasses, for which Python compiles a text of methods at each start.
WRITTEN = (
    "annotated_types/__init__.py",
    "aws_lambda_powertools/event_handler/openapi/compat.py",
    "aws_lambda_powertools/event_handler/openapi/config.py",
    "pydantic/_internal/_decorators.py",
    "pydantic/_internal/_fields.py",
    "pydantic/_internal/_forward_ref.py",
    "pydantic/_internal/_utils.py",
    "pydantic/aliases.py",
    "pydantic/fields.py",
    "pydantic/functional_validators.py",
    "pydantic/json_schema.py",
    "pydantic/types.py",
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


# The module's functions ask the module itself, which answers as it answers others.
BINDER = """
from sys import modules as _modules

_here, _before = _modules[__name__], globals().get("__getattr__")


def __getattr__(name):
    if name in _LATE:
        _LATE[name]()
        return globals()[name]
    if _before:
        return _before(name)
    raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")


{binders}
_LATE = {{{late}}}
"""


def late(file: Path, names: Collection[str]) -> None:
    """What binds these names at the top of a module is done when one of its functions, or somebody else, asks for it.

    ValueError where that would not be the same: a name is used while the module is imported, or has another meaning.
    """
    binds: dict[str, list[str]] = {name: [] for name in names}
    uses = _Uses(names)
    stays: list[str] = []
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        uses.is_unread |= ast.unparse(statement) == PUT_OFF
        for part in parts(statement):
            if (name := bound_by(part)) in binds:
                binds[name].append(ast.unparse(uses.late(part)))
            else:
                stays.append(ast.unparse(uses.visit(part)))
    if uses.at_once or not all(binds.values()):
        unbound = {name for name, how in binds.items() if not how}
        raise ValueError(f"{file}: {sorted(uses.at_once | unbound)} cannot be late")
    binders = "".join(
        f"\ndef _late_{name}():\n    global {name}\n{indent(chr(10).join(how), '    ')}\n"
        for name, how in binds.items()
    )
    answers = ", ".join(f"{name!r}: _late_{name}" for name in binds)
    text = "\n".join(stays) + BINDER.format(binders=binders, late=answers)
    rewrite(file, ast.unparse(ast.parse(text)))  # as it would be written again


def parts(statement: ast.stmt) -> list[ast.stmt]:
    """An import by its names, so that some of them can stay."""
    if isinstance(statement, ast.ImportFrom):
        return [ast.ImportFrom(statement.module, [one], statement.level) for one in statement.names]
    return [ast.Import([one]) for one in statement.names] if isinstance(statement, ast.Import) else [statement]


def bound_by(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return statement.names[0].asname or statement.names[0].name.split(".")[0]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return statement.name if isinstance(statement, ast.ClassDef) else None


class _Uses(ast.NodeTransformer):
    """Where functions use the names, they ask the module for them; what else there is of the names, `at_once` tells."""

    def __init__(self, names: Collection[str]) -> None:
        self.names, self.within, self.is_unread = names, 0, False
        self.at_once: set[str] = set()

    def late(self, statement: ast.stmt) -> ast.stmt:
        """A statement that binds one of the names; what it uses of the others, it uses then."""
        self.within += 1
        if isinstance(statement, ast.Assign):
            statement.value = self.visit(statement.value)
        elif isinstance(statement, ast.ClassDef):
            self.generic_visit(statement)
        self.within -= 1
        return statement

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.decorator_list = [self.visit(one) for one in node.decorator_list]
        node.args = self.visit(node.args)
        if node.returns and not self.is_unread:
            node.returns = self.visit(node.returns)
        return self._inside(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        return self._inside(node)

    def _inside(self, node: Any) -> Any:
        self.within += 1
        is_one = not isinstance(node.body, list)
        node.body = self.visit(node.body) if is_one else [self.visit(one) for one in node.body]
        self.within -= 1
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        self.at_once |= {node.arg} & set(self.names)
        return node if self.is_unread else self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self.names:
            return node
        if self.within and isinstance(node.ctx, ast.Load):
            return ast.Attribute(ast.Name("_here", ast.Load()), node.id, ast.Load())
        self.at_once.add(node.id)
        return node


PUT_OFF = "from __future__ import annotations"  # PEP 563


def unread(package: Path) -> None:
    """Annotations stay as text; whoever asks `typing.get_type_hints` for them has them worked out then.

    A TypedDict tells from its own which keys are required, so a module with one of them stays as it is.
    """
    for file in sorted(package.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "TypedDict" not in text and text.strip() and PUT_OFF not in text:
            lines, tree = text.splitlines(keepends=True), ast.parse(text)
            lines.insert(tree.body[0].end_lineno or 0 if ast.get_docstring(tree) else 0, PUT_OFF + "\n")
            rewrite(file, "".join(lines))


def written(file: Path, late: Collection[str]) -> None:
    """Dataclasses of plain fields have in the source what `dataclasses` would compile for them, and still are such.

    What asks for more, as a default that a function makes, stays as it is, and so does what is made late.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    body: list[ast.stmt] = []
    imported = ast.parse(IMPORTED).body
    for statement in tree.body:
        fields = plain_fields(statement) if isinstance(statement, ast.ClassDef) and statement.name not in late else []
        if fields:
            body += [*imported, *with_methods(statement, fields)]
            imported = []
        else:
            body.append(statement)
    tree.body = body
    rewrite(file, ast.unparse(tree))


def plain_fields(made: ast.ClassDef) -> list[ast.AnnAssign]:
    """None where `made` is no dataclass, or not of these alone."""
    (decorator,) = made.decorator_list if len(made.decorator_list) == 1 else (None,)
    call = decorator if isinstance(decorator, ast.Call) else None
    if not decorator or ast.unparse(call.func if call else decorator).split(".")[-1] != "dataclass":
        return []
    told = {ast.unparse(one) for one in call.keywords} if call else set()
    typed = [one for one in made.body if isinstance(one, ast.AnnAssign)]
    fields = [one for one in typed if not ast.unparse(one.annotation).startswith("ClassVar")]
    asked = "".join(map(ast.unparse, fields))
    is_plain = all(one == "frozen=True" or "slots" in one for one in told) and "__eq__" not in defined(made)
    return fields if is_plain and not any(word in asked for word in ("field(", "InitVar", "KW_ONLY")) else []


def defined(made: ast.ClassDef) -> set[str]:
    return {one.name for one in made.body if isinstance(one, ast.FunctionDef)}


# As Python 3.13 spells them.
IMPORTED = """
from dataclasses import FrozenInstanceError as _FrozenInstanceError
from reprlib import recursive_repr as _recursive_repr
"""
METHODS = """
def __init__(self, {given}):
    {set}
@_recursive_repr()
def __repr__(self):
    return f"{{self.__class__.__qualname__}}({shown})"
def __eq__(self, other):
    if self is other:
        return True
    if other.__class__ is self.__class__:
        return {equal}
    return NotImplemented
"""
FROZEN = """
def __hash__(self):
    return hash(({values},))
def __setattr__(self, name, value):
    if type(self) is {name} or name in {names}:
        raise _FrozenInstanceError(f"cannot assign to field {{name!r}}")
    super({name}, self).__setattr__(name, value)
def __delattr__(self, name):
    if type(self) is {name} or name in {names}:
        raise _FrozenInstanceError(f"cannot delete field {{name!r}}")
    super({name}, self).__delattr__(name)
"""
KEPT = """
def __getstate__(self):
    return [{values}]
def __setstate__(self, state):
    for name, value in zip({names}, state):
        object.__setattr__(self, name, value)
"""


def with_methods(made: ast.ClassDef, fields: list[ast.AnnAssign]) -> list[ast.stmt]:
    """The class with those methods that it does not define itself; `dataclasses` is told to make none."""
    decorator = made.decorator_list[0]
    call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
    is_frozen, has_slots = ("frozen=True" in ast.unparse(call), "slots" in ast.unparse(call))
    names = [ast.unparse(one.target) for one in fields]
    sets = [f"object.__setattr__(self, {name!r}, {name})" if is_frozen else f"self.{name} = {name}" for name in names]
    text = METHODS + (FROZEN if is_frozen else "") + (KEPT if is_frozen and has_slots else "")
    methods = text.format(
        name=made.name,
        names=tuple(names),
        given=", ".join(ast.unparse(one) if not one.value else as_default(one) for one in fields),
        set="\n    ".join([*sets, *(["self.__post_init__()"] if "__post_init__" in defined(made) else [])]),
        shown=", ".join(f"{name}={{self.{name}!r}}" for name in names),
        equal=" and ".join(f"self.{name} == other.{name}" for name in names),
        values=", ".join(f"self.{name}" for name in names),
    )
    made.body += [one for one in ast.parse(methods).body if getattr(one, "name", "") not in defined(made)]
    call.keywords = [one for one in call.keywords if one.arg != "frozen"]
    call.keywords += [ast.keyword(name, ast.Constant(False)) for name in ("init", "repr", "eq")]
    made.decorator_list = [call]
    flags = ("init", "repr", "eq", "frozen") if is_frozen else ("init", "repr", "eq")
    as_before = " = ".join([*(f"{made.name}.__dataclass_params__.{flag}" for flag in flags), "True"])
    return [made, *ast.parse(as_before).body]


def as_default(field: ast.AnnAssign) -> str:
    """A parameter of `__init__`: its default is what the class has under this name while it is made."""
    name = ast.unparse(field.target)
    return f"{name}: {ast.unparse(field.annotation)} = {name}"


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
    for package in UNREAD:
        unread(layer / package)
    for file in WRITTEN:
        written(layer / file, LATE.get(file, ()))
    for file, names in LATE.items():
        late(layer / file, names)
    untyped(layer / TYPED)


if __name__ == "__main__":
    import_less(Path(sys.argv[1]))
