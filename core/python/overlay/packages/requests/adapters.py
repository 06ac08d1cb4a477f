# requests.adapters.


class BaseAdapter:
    pass


class HTTPAdapter(BaseAdapter):
    def __init__(self, *a, **k):
        pass
