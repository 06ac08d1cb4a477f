# regex: answered by re; what only regex has (possessive forms, \p classes) is refused by the engine.
from re import *
from re import (
    A,
    ASCII,
    DOTALL,
    I,
    IGNORECASE,
    M,
    MULTILINE,
    Match,
    Pattern,
    S,
    U,
    UNICODE,
    VERBOSE,
    X,
    compile,
    error,
    escape,
    findall,
    finditer,
    fullmatch,
    match,
    purge,
    search,
    split,
    sub,
    subn,
    template,
)

V0 = VERSION0 = 0
V1 = VERSION1 = 0
