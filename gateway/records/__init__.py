"""Frozen nouns shared by all stages: no behaviour beyond what a noun knows of itself.

Everything here is a `msgspec.Struct` with `frozen=True`: cheap to build, hashable where its fields are, and encodable
to JSON without a second model. Clinical quantities are `Decimal`, never float.
"""
