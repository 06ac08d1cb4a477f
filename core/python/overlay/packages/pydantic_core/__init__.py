# pydantic_core: what models and dataclasses name of it.
from pydantic import PydanticUndefined, PydanticUndefinedType, ValidationError
from pydantic.dataclasses import ArgsKwargs

__version__ = "2.41.5"
