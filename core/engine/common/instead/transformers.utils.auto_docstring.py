# What transformers.utils.args_doc has, under the name that other releases give it.
from transformers.utils.args_doc import (
    __getattr__,
    auto_class_docstring,
    auto_docstring,
    auto_method_docstring,
)
