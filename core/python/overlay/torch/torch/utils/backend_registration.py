# Other backends: none.
def rename_privateuse1_backend(backend_name):
    return None


def generate_methods_for_privateuse1_backend(**kwargs):
    return None
