# __future__.


class _Feature:
    compiler_flag = 0


annotations = division = print_function = absolute_import = generator_stop = unicode_literals = (
    with_statement
) = _Feature()
