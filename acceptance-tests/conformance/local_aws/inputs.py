"""The least that a shape takes, for calls whose answer is an injected error."""


def least(shape):
    """A value with the required members and nothing else."""
    kind = shape.type_name
    if kind == "structure":
        names = shape.required_members or (list(shape.members)[:1] if shape.metadata.get("union") else [])
        return {name: least(shape.members[name]) for name in names}
    if kind == "list":
        return [least(shape.member)] * max(1, shape.metadata.get("min", 0))
    if kind == "map":
        return {}
    if kind == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 0))
    if kind in ("integer", "long"):
        return shape.metadata.get("min", 1)
    return {"boolean": False, "timestamp": 0}[kind]
