# triton.backends: the one for the platform's device.
import torch._platform as _edge


class _Driver:
    @staticmethod
    def is_active():
        return bool(_edge.facts["available"])


class Backend:
    def __init__(self, compiler=None, driver=None):
        self.compiler, self.driver = compiler, driver


backends = {"nvidia": Backend(None, _Driver)}
