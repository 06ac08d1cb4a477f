from sample_package import register

lazy_value = "lazy!"


@register("o")
class Other:
    pass
