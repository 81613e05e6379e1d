"""Return an object of a type whose type lies: its name, its module, its bases, its instances.

must: returned Opaque
"""


class Lying(type):
    __name__ = property(lambda cls: 3)
    __module__ = property(lambda cls: 1 / 0)
    __mro__ = property(lambda cls: (float, object))
    __bases__ = property(lambda cls: (int,))

    def __instancecheck__(cls, other):
        return True

    def __subclasscheck__(cls, other):
        return True


class Liar(metaclass=Lying):
    pass


def f():
    return Liar()
