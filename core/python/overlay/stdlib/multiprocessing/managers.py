# multiprocessing.managers: classes to derive from.
class BaseProxy:
    pass


class BaseManager:
    @classmethod
    def register(
        cls,
        typeid,
        callable=None,
        proxytype=None,
        exposed=None,
        method_to_typeid=None,
        create_method=True,
    ):
        pass


class SyncManager(BaseManager):
    pass


class SharedMemoryManager(BaseManager):
    pass
