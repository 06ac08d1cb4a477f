# pydantic_core.core_schema: the forms that pydantic of this overlay reads.
CoreSchema = dict


def no_info_plain_validator_function(function, **kw):
    return {"type": "function-plain", "function": function}


def no_info_after_validator_function(function, schema, **kw):
    return {"type": "function-after", "function": function, "schema": schema}


def no_info_before_validator_function(function, schema, **kw):
    return {"type": "function-before", "function": function, "schema": schema}


def any_schema(**kw):
    return {"type": "any"}


def is_instance_schema(cls, **kw):
    return {"type": "is-instance", "cls": cls}
