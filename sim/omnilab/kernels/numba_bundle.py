"""Numba's view of a bundle: its type, how it is unboxed, how an attribute is read.

The classes stand at the module's top level, because compiled kernels are cached under their types,
and only a class that can be found by its name is the same class in the next process.
"""

from __future__ import annotations

import hashlib
import operator
from functools import lru_cache
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import (
    AbstractTemplate,
    AttributeTemplate,
    infer_global,
    signature,
)
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import arrayobj, numpy_support

from omnilab.kernels.bounds import check
from omnilab.kernels.bundle import Bundle, BundleList
from omnilab.kernels.modes import is_checked, is_plain
from omnilab.kernels.numba_record import with_fields

__all__ = ["BundleListType", "BundleType"]

assert not is_plain()
_WORD = ir.IntType(64)


class BundleType(types.Type):
    """The type of bundles with the same array types under the same names."""

    def __init__(self, fields: tuple[tuple[str, Any], ...]) -> None:
        self.fields = dict(fields)
        self.order = [name for name, _ in fields]
        # The name goes into every symbol, so it is a digest: written out it would be pages.
        text = ", ".join(f"{n}:{t}" for n, t in fields)
        super().__init__(name=f"Bundle{hashlib.sha256(text.encode()).hexdigest()[:16]}")


@register_model(BundleType)
class BundleModel(models.PrimitiveModel):
    """A bundle travels as the address of its directory."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WORD)


@typeof_impl.register(Bundle)
def typeof_bundle(value: Bundle, _context: Any) -> Any:
    """Return the bundle's type, worked out once an object."""
    if value._type is None:
        fields = []
        for name, array in value.arrays().items():
            label = name if is_checked() else ""
            front = _front_array(array.dtype, array.ndim, label)
            fields.append((name, front.dtype if name in value._singles else front))
        value._type = BundleType(tuple(fields))  # type: ignore[assignment]
    return value._type


class FrontArray(types.Array):
    """An array that kernels index from its front only: a negative index is a defect.

    In the debug build each has the name under which it stands in its bundle, for errors.
    """

    def __init__(self, element: Any, dimensions: int, layout: Any, label: str = "") -> None:
        self.label = label
        super().__init__(element, dimensions, layout)
        self.name += f" {label}" if label else ""

    @property
    def key(self) -> Any:
        """What makes two types one."""
        return (*super().key, self.label)


def _name_in_errors(array: FrontArray) -> str:
    return repr(array.label) if array.label else str(array.dtype)


def _check_axes(context: Any, builder: Any, kind: FrontArray, array: Any, index: Any) -> None:
    """Check the indices of the first axes, in the debug build."""
    if is_checked():
        shape = cgutils.unpack_tuple(
            builder, arrayobj.make_array(kind)(context, builder, array).shape, kind.ndim
        )
        for axis, (at, size) in enumerate(zip(index, shape, strict=False)):
            where = f", axis {axis}" if kind.ndim > 1 else ""
            check(context, builder, at, size, f"array {_name_in_errors(kind)}{where}")


register_model(FrontArray)(models.ArrayModel)


@lru_cache(maxsize=256)
def _front_array(dtype: Any, dimensions: int, label: str) -> FrontArray:
    """Return the type of such arrays; records of fifty fields take Numba a while, each time."""
    element = numpy_support.from_dtype(dtype)
    if isinstance(element, types.Record):
        element = with_fields(element)
    return FrontArray(element, dimensions, "C", label)


@lower_builtin(operator.getitem, FrontArray, types.Integer)
def read_front(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Read an element, or a row of two dimensions, without asking whether the index is negative."""
    array, index = signature.args
    plain = signature.replace(args=(array, types.uintp))
    at = context.cast(builder, args[1], index, types.intp)
    _check_axes(context, builder, array, args[0], [at])
    return arrayobj.getitem_arraynd_intp(context, builder, plain, (args[0], at))


@lower_builtin(operator.getitem, FrontArray, types.UniTuple)
def read_front_2d(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Read an element of two dimensions."""
    array, index = signature.args
    whole = types.UniTuple(types.uintp, len(index))
    plain = signature.replace(args=(array, whole))
    at = context.cast(builder, args[1], index, types.UniTuple(types.intp, len(index)))
    _check_axes(context, builder, array, args[0], cgutils.unpack_tuple(builder, at))
    return arrayobj.getitem_array_tuple(context, builder, plain, (args[0], at))


@lower_builtin(operator.setitem, FrontArray, types.Integer, types.Any)
def write_front(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Write an element."""
    array, index, value = signature.args
    plain = signature.replace(args=(array, types.uintp, value))
    at = context.cast(builder, args[1], index, types.intp)
    _check_axes(context, builder, array, args[0], [at])
    return arrayobj.setitem_array(context, builder, plain, (args[0], at, args[2]))


@lower_builtin(operator.setitem, FrontArray, types.UniTuple, types.Any)
def write_front_2d(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    """Write an element of two dimensions."""
    array, index, _ = signature.args
    at = [
        context.cast(builder, part, index.dtype, types.intp)
        for part in cgutils.unpack_tuple(builder, args[1])
    ]
    _check_axes(context, builder, array, args[0], at)
    return arrayobj.setitem_array(context, builder, signature, args)


class BundleListType(types.Type):
    """The type of lists of bundles of one type."""

    def __init__(self, element: BundleType) -> None:
        self.element = element
        super().__init__(name=f"{element.name}List")


@register_model(BundleListType)
class BundleListModel(models.PrimitiveModel):
    """A list travels as the address of its bundles' addresses."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _WORD)


@typeof_impl.register(BundleList)
def typeof_list(value: BundleList, _context: Any) -> Any:
    """Return the list's type."""
    return BundleListType(typeof_bundle(value.like, None))


@infer_global(operator.getitem)
class BundleListItem(AbstractTemplate):
    """An item of a list of bundles is a bundle."""

    def generic(self, args: Any, _kws: Any) -> Any:
        """Return the signature of ``bundles[i]``."""
        if len(args) == 2 and isinstance(args[0], BundleListType):
            return signature(args[0].element, args[0], types.int64)
        return None


@lower_builtin(operator.getitem, BundleListType, types.Integer)
def read_item(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
    """Read a bundle's address."""
    addresses = builder.inttoptr(args[0], _WORD.as_pointer())
    if is_checked():
        count = builder.load(builder.gep(addresses, [ir.Constant(_WORD, -1)]))
        check(context, builder, args[1], count, "a list of bundles")
    return builder.load(builder.gep(addresses, [args[1]]))


@unbox(BundleListType)
@unbox(BundleType)
def unbox_bundle(_kind: Any, obj: Any, c: Any) -> Any:
    """Read the directory's address."""
    address = c.pyapi.object_getattr_string(obj, "_at")
    native = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(native, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))


@infer_getattr
class BundleAttribute(AttributeTemplate):
    """The type of an attribute is that of the array under its name."""

    key = BundleType

    def generic_resolve(self, kind: Any, name: str) -> Any:
        """Return the array's type, or None for an unknown name."""
        return kind.fields.get(name)


@lower_getattr_generic(BundleType)
def read_attribute(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
    """Build the array from the directory: data, rows, columns."""
    array_type = kind.fields[name]
    single = isinstance(array_type, types.Record)
    i = 3 * kind.order.index(name)
    directory = builder.inttoptr(value, _WORD.as_pointer())

    def load(k: int) -> Any:
        word = builder.load(builder.gep(directory, [ir.Constant(_WORD, k)]))
        # Arrays are put into a bundle between two calls of a kernel, never during one: once read
        # a place may be kept over whatever is written.
        word.set_metadata("invariant.load", builder.module.add_metadata([]))
        return word

    if single:  # a record travels as its address
        return builder.inttoptr(load(i), context.get_value_type(array_type))
    element = context.get_data_type(array_type.dtype)
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(element))
    array = arrayobj.make_array(array_type)(context, builder)
    shape = [load(i + 1)]
    strides = [itemsize]
    if array_type.ndim == 2:
        columns = load(i + 2)
        shape.append(columns)
        strides.insert(0, builder.mul(columns, itemsize))
    arrayobj.populate_array(
        array,
        data=builder.inttoptr(load(i), element.as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=itemsize,
        meminfo=None,
    )
    return array._getvalue()
