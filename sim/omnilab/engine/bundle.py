"""Pass many arrays to kernels as one pointer.

A named tuple of forty arrays is three hundred arguments to a compiled function: slow to compile
and slow to call. A bundle is an object with arrays as attributes; compiled code gets the address
of a small directory of (data, rows, columns) and reads an array's place when it needs it. As
plain Python the same kernels simply use the attributes.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from omnilab._jit import is_plain

__all__ = ["Bundle"]


class Bundle:
    """Arrays under names, all C-contiguous, of one or two dimensions.

    Parameters
    ----------
    arrays
        Array by name; the order of names is part of the compiled type.
    """

    def __init__(self, arrays: dict[str, Any]) -> None:
        self._names = tuple(arrays)
        self._directory = np.zeros(3 * len(arrays), dtype=np.int64)
        self._at = self._directory.ctypes.data
        for name, array in arrays.items():
            self.set(name, array)
        self._type = None

    def set(self, name: str, array: Any) -> None:
        """Put another array of the same dtype and dimension under a name."""
        if not array.flags.c_contiguous or array.ndim not in (1, 2):
            raise ValueError(f"{name}: a bundle holds C-contiguous arrays of 1 or 2 dimensions")
        i = 3 * self._names.index(name)
        self._directory[i] = array.ctypes.data
        self._directory[i + 1] = array.shape[0]
        self._directory[i + 2] = array.shape[1] if array.ndim == 2 else 1
        setattr(self, name, array)

    def replaced(self, **arrays: Any) -> Bundle:
        """Return a bundle in which some arrays are others."""
        return Bundle({name: arrays.get(name, getattr(self, name)) for name in self._names})

    def arrays(self) -> dict[str, Any]:
        """Return the arrays by name."""
        return {name: getattr(self, name) for name in self._names}

    def __getattr__(self, name: str) -> Any:  # for type checkers: attributes are set by `set`
        raise AttributeError(name)


def _register() -> None:
    """Teach Numba the bundle: its type, how to get at it, how to read an attribute."""
    from llvmlite import ir
    from numba.core import cgutils, types
    from numba.core.typing.templates import AttributeTemplate
    from numba.extending import (
        NativeValue,
        infer_getattr,
        lower_getattr_generic,
        models,
        register_model,
        typeof_impl,
        unbox,
    )
    from numba.np import arrayobj, numpy_support

    class BundleType(types.Type):  # type: ignore[misc]
        def __init__(self, fields: tuple[tuple[str, Any], ...]) -> None:
            self.fields = dict(fields)
            self.order = [name for name, _ in fields]
            # The name goes into every symbol, so it is a digest: written out it would be pages.
            text = ", ".join(f"{n}:{t}" for n, t in fields)
            super().__init__(name=f"Bundle{hashlib.sha256(text.encode()).hexdigest()[:16]}")

    @register_model(BundleType)
    class BundleModel(models.PrimitiveModel):  # type: ignore[misc]
        def __init__(self, manager: Any, kind: Any) -> None:
            super().__init__(manager, kind, ir.IntType(64))

    @typeof_impl.register(Bundle)
    def typeof_bundle(value: Bundle, _context: Any) -> Any:
        if value._type is None:
            fields = []
            for name in value._names:
                array = getattr(value, name)
                element = numpy_support.from_dtype(array.dtype)
                fields.append((name, types.Array(element, array.ndim, "C")))
            value._type = BundleType(tuple(fields))  # type: ignore[assignment]
        return value._type

    @unbox(BundleType)
    def unbox_bundle(_kind: Any, obj: Any, c: Any) -> Any:
        address = c.pyapi.object_getattr_string(obj, "_at")
        native = c.pyapi.long_as_longlong(address)
        c.pyapi.decref(address)
        return NativeValue(native, is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred()))

    @infer_getattr
    class BundleAttribute(AttributeTemplate):  # type: ignore[misc]
        key = BundleType

        def generic_resolve(self, kind: Any, name: str) -> Any:
            return kind.fields.get(name)

    @lower_getattr_generic(BundleType)
    def read(context: Any, builder: Any, kind: Any, value: Any, name: str) -> Any:
        array_type = kind.fields[name]
        i = 3 * kind.order.index(name)
        word = ir.IntType(64)
        directory = builder.inttoptr(value, word.as_pointer())

        def load(k: int) -> Any:
            return builder.load(builder.gep(directory, [ir.Constant(word, k)]))

        itemsize = context.get_abi_sizeof(context.get_data_type(array_type.dtype))
        array = arrayobj.make_array(array_type)(context, builder)
        pointer = builder.inttoptr(
            load(i), context.get_data_type(array_type.dtype).as_pointer()
        )
        shape = [load(i + 1)]
        strides = [context.get_constant(types.intp, itemsize)]
        if array_type.ndim == 2:
            columns = load(i + 2)
            shape.append(columns)
            strides.insert(0, builder.mul(columns, strides[0]))
        arrayobj.populate_array(
            array,
            data=pointer,
            shape=shape,
            strides=strides,
            itemsize=context.get_constant(types.intp, itemsize),
            meminfo=None,
        )
        return array._getvalue()


if not is_plain():
    _register()
