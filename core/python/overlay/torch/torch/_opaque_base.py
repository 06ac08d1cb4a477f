# The base of classes whose objects operators take as they are.
class OpaqueBaseMeta(type):
    pass


class OpaqueBase(metaclass=OpaqueBaseMeta):
    pass
