"""Numba's view of a bundle's records: fields that are known not to lie on one another.

As for `numba_bundle`, the classes stand at the module's top level for the cache of kernels.
"""

from __future__ import annotations

import hashlib
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.imputils import lower_setattr_generic
from numba.extending import lower_getattr_generic, models, register_model
from numba.np import arrayobj

__all__ = ["FieldRecord", "with_fields"]

_WORD = ir.IntType(64)


class FieldRecord(types.Record):
    """A record of which no two fields share memory, with one another or with another kind's.

    So the compiler keeps a field in a register while others are written. Without being told, it
    has to read every field again after every write, since it can't know what was hit. A record's
    memory seen as plain words is no field, and is not kept.
    """


register_model(FieldRecord)(models.RecordModel)


def with_fields(record: types.Record) -> FieldRecord:
    """Return the type of such records with the same layout."""
    # Under titles of their own they aren't the fields of the plain record, for which it would pass.
    fields: Any = [
        (name, {**field._asdict(), "title": f"own {name}"}) for name, field in record.fields.items()
    ]
    return FieldRecord(fields, record.size, record.aligned)


@lower_getattr_generic(FieldRecord)
def read_field(context: Any, builder: Any, record: Any, value: Any, name: str) -> Any:
    """Read a field."""
    kind = record.typeof(name)
    if isinstance(kind, types.NestedArray):
        return arrayobj.record_getattr(context, builder, record, value, name)
    place = _place(context, builder, record, value, name)
    word = builder.load(place, align=None if record.aligned else 1)
    word.set_metadata("tbaa", _tag(builder.module, record, name))
    return context.data_model_manager[kind].from_data(builder, word)


@lower_setattr_generic(FieldRecord)
def write_field(context: Any, builder: Any, signature: Any, args: Any, name: str) -> None:
    """Write a field."""
    record, given = signature.args
    kind = record.typeof(name)
    if isinstance(kind, types.NestedArray):
        arrayobj.record_setattr(context, builder, signature, args, name)
    place = _place(context, builder, record, args[0], name)
    word = context.cast(builder, args[1], given, kind)
    word = context.data_model_manager[kind].as_data(builder, word)
    store = builder.store(word, place, align=None if record.aligned else 1)
    store.set_metadata("tbaa", _tag(builder.module, record, name))


def _place(context: Any, builder: Any, record: Any, value: Any, name: str) -> Any:
    data = context.get_data_type(record.typeof(name))
    return cgutils.get_record_member(builder, value, record.offset(name), data)


def _tag(module: Any, record: Any, name: str) -> Any:
    """Return the field's mark for LLVM's analysis of aliases by type: a type of its own."""
    root = module.add_metadata([ir.MetaDataString(module, "omnilab's records")])
    label = hashlib.sha256(f"{record.name} {name}".encode()).hexdigest()[:16]
    start = ir.Constant(_WORD, 0)
    kind = module.add_metadata([ir.MetaDataString(module, label), root, start])
    return module.add_metadata([kind, kind, start])
