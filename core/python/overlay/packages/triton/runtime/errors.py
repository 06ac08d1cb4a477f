# triton.runtime.errors.


class OutOfResources(Exception):
    def __init__(self, required=0, limit=0, name=""):
        self.required, self.limit, self.name = required, limit, name

    def __str__(self):
        return (
            f"out of resource: {self.name}, Required: {self.required}, Hardware limit: {self.limit}"
        )


class PTXASError(Exception):
    pass
