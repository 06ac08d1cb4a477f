# pydantic 2.14.4: dataclasses that convert and check, as engines declare their configuration with them.
from dataclasses import InitVar, field, fields
from typing import Any, Literal

import pydantic
from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.dataclasses import dataclass


def show(label, call):
    try:
        print(label, repr(call()))
    except Exception as e:
        print(label, type(e).__name__, str(e))


@dataclass
class Size:
    width: int = 1
    height: int = Field(default=2, ge=1)
    name: str = "x"
    kind: Literal["a", "b"] = "a"
    tags: list[str] = field(default_factory=list)


show("converted", lambda: Size("3", height=4.0))
show("default", lambda: Size())
show("limit", lambda: Size(height=0))
show("literal", lambda: Size(kind="c"))
show("several", lambda: Size(width="q", name=3, kind=1))
show("list", lambda: Size(tags=("a", "b")))
show("fields", lambda: [f.name for f in fields(Size)])
show("unexpected", lambda: Size(depth=3))
show("class attribute", lambda: Size.height)


@dataclass(config=ConfigDict(extra="forbid"))
class Strict:
    a: int
    b: int = Field(default=1, kw_only=True)
    c: int = Field(default=7, init=False)


show("missing", lambda: Strict())
show("extra", lambda: Strict(1, d=3))
show("not of init", lambda: Strict(1, c=3))
show("keyword only", lambda: Strict(1, b=2))
show("made", lambda: vars(Strict(1)))


@dataclass
class Checked:
    low: int
    high: int
    seen: InitVar[int | None] = None

    def __post_init__(self, seen):
        self.seen_twice = None if seen is None else seen * 2

    @field_validator("low", mode="before")
    @classmethod
    def before(cls, v):
        return v.strip() if isinstance(v, str) else v

    @field_validator("low", "high", mode="after")
    @classmethod
    def even(cls, v, info):
        if v % 2:
            raise ValueError(f"{info.field_name} must be even")
        return v

    @field_validator("high", mode="wrap")
    @classmethod
    def around(cls, v, handler):
        return 100 if v == "most" else handler(v)

    @model_validator(mode="after")
    def order(self):
        if self.low > self.high:
            raise ValueError("low must not exceed high")
        return self


show("validators", lambda: Checked(" 2 ", "most", seen="3").seen_twice)
show("odd", lambda: Checked(1, 3))
show("order", lambda: Checked(4, 2))
show("order by name", lambda: Checked(low=4, high=2))
show("assertion", lambda: Holder(inner={"low": 8, "high": 2}))


@dataclass
class Holder:
    inner: Checked
    other: Checked | None = None
    anything: Any = None

    @model_validator(mode="before")
    @classmethod
    def named(cls, data):
        print("before", type(data).__name__)
        return data


show("nested", lambda: Holder(inner={"low": "2", "high": 4}).inner)
show("nested wrong", lambda: Holder(inner={"low": "q", "high": 4}))
show("nested order", lambda: Holder(inner={"low": 8, "high": 4}))
show("not one", lambda: Holder(inner=3))
made = Checked(2, 4)
made.high = 0
show("handed on", lambda: Holder(inner=made))
show("same object", lambda: (lambda c: Holder(c).inner is c)(Checked(2, 4)))


@dataclass
class Wide(Size):
    deep: int = 3

    @model_validator(mode="after")
    def check(self):
        assert self.deep < 10, "too deep"
        return self


show("inherited", lambda: Wide("5", deep="6"))
show("assert", lambda: Wide(deep=11))
show("error rows", lambda: 0)
try:
    Wide(width="w", deep="z")
except ValidationError as e:
    print([(r["type"], r["loc"], r["msg"]) for r in e.errors()], e.error_count(), e.title)
adapter = pydantic.TypeAdapter(Size)
show("adapter", lambda: adapter.validate_json('{"width": "9"}'))
show("adapter wrong", lambda: adapter.validate_json('{"width": "w"}'))


class Model(pydantic.BaseModel):
    a: int = 0

    @field_validator("a", mode="wrap")
    @classmethod
    def around(cls, v, handler, info):
        return handler(v) + len(info.field_name)


show("model", lambda: Model(a="4"))
show("model wrong", lambda: Model(a="x"))


@dataclass
class Whole:
    b: int = 2
    a: list = Field(default_factory=list)
    c: str | None = None
    size: Size = Field(default_factory=Size)
    more: dict[str, Any] = field(default_factory=lambda: {"x": 1, "y": Size(width=3)})


whole = pydantic.TypeAdapter(Whole)
show("dumped", lambda: whole.dump_python(Whole()))
show("without", lambda: whole.dump_python(Whole(), exclude={"b": True, "size": {"width": True}}))
show("in dicts", lambda: whole.dump_python(Whole(), exclude={"more": {"x": True}, "a": True}))
show("unset", lambda: whole.dump_json(Whole(), exclude_unset=True))
show("none", lambda: whole.dump_json(Whole(b=3), exclude_none=True, exclude={"more", "size"}))
show("defaults", lambda: whole.dump_python(Whole(b=5), exclude_defaults=True, exclude={"more"}))
