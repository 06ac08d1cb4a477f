# What CPython 3.11 has and the machine lacks: names of builtin types, each at the type that has it
# first, and names of the module builtins. tests/core/engine/test_python_gaps.py holds this against
# both. Must not know any engine.

TYPES = {
    "AttributeError": "name obj",
    "BaseException": "__setstate__",
    "GenericAlias": "__args__ __origin__ __typing_unpacked_tuple_args__ __unpacked__",
    "NameError": "name",
    "NoneType": "__bool__",
    "NotImplementedType": "__bool__",
    "OSError": "characters_written filename2",
    "SyntaxError": "end_lineno end_offset filename lineno msg offset print_file_and_line text",
    "UnionType": "__args__",
    "builtin_function_or_method": "__text_signature__",
    "bytearray": "__alloc__ __imul__ __mod__ __rmod__ maketrans remove translate",
    "bytes": "__bytes__ __getnewargs__ __mod__ __rmod__ maketrans translate",
    "code": """_co_code_adaptive _varname_from_oparg co_cellvars co_code co_consts co_exceptiontable
    co_lines co_linetable co_lnotab co_names co_positions co_stacksize replace""",
    "coroutine": "__del__ cr_await cr_code cr_frame cr_origin cr_running cr_suspended",
    "dict": "__class_getitem__",
    "enumerate": "__class_getitem__",
    "float": "__getformat__ __getnewargs__ __rdivmod__",
    "frozenset": "__class_getitem__",
    "function": "__builtins__",
    "generator": "__del__ gi_code gi_frame gi_suspended gi_yieldfrom",
    "int": "__getnewargs__ __rdivmod__",
    "list": "__class_getitem__",
    "mappingproxy": "__class_getitem__ __ior__",
    "memoryview": """__delitem__ __enter__ __exit__ __getitem__ __iter__ __len__ __setitem__
    c_contiguous cast contiguous f_contiguous format hex itemsize nbytes ndim obj readonly release shape
    strides suboffsets tobytes tolist toreadonly""",
    "method_descriptor": "__text_signature__",
    "object": "__ge__ __getstate__ __gt__ __le__ __lt__ __reduce__",
    "property": "__delete__ __set_name__",
    "range": "__bool__",
    "reversed": "__setstate__",
    "set": "__class_getitem__",
    "str": "__getnewargs__ __rmod__",
    "super": "__get__ __self__ __self_class__ __thisclass__",
    "tuple": "__class_getitem__",
    "type": """__basicsize__ __dictoffset__ __flags__ __itemsize__ __or__ __ror__ __text_signature__
    __weakrefoffset__""",
    "wrapper_descriptor": "__text_signature__",
    "zip": "__setstate__",
}
NAMES = """TabError UnicodeTranslateError __build_class__ __loader__ __spec__ breakpoint copyright
credits exit help license quit"""

# The operators of these names.
OPERATORS = {"%": "__mod__", "*=": "__imul__"}
