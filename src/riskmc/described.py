"""Models whose keys are described in the source, which is read where somebody asks."""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Described(BaseModel):
    """A model with a string beneath each field that says what it is.

    Pydantic would read and parse the source of every model when it is imported, which takes longer
    than making it; most runs print no description.
    """

    @classmethod
    def descriptions(cls) -> dict[str, str]:
        """Return the description of each field by name."""
        return {name: text for name, text in _beneath(cls).items() if name in cls.model_fields}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema with the descriptions."""
        schema = handler(core_schema)
        keys = handler.resolve_ref_schema(schema)["properties"]
        for name, text in cls.descriptions().items():
            keys[cls.model_fields[name].alias or name]["description"] = text
        return schema


@cache
def _beneath(model: type) -> dict[str, str]:
    """Return the strings beneath the annotations of a class, and of those that it is made from."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        source = _classes(cls.__module__).get(cls.__name__) if issubclass(cls, Described) else None
        for field, beneath in pairwise(source.body if source else ()):
            match field, beneath:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[name] = inspect.cleandoc(text)
    return found


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    """Return the classes of a module as written; none where its source is not at hand."""
    file = getattr(sys.modules[module], "__file__", None) or ""
    tree = ast.parse("".join(linecache.getlines(file)))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
