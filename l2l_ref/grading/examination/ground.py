"""What a check stands on in a student's kernel: its own answering side, torch and Python.

The answering side tells what an answer has changed, and it runs beside that answer. So what it is
made of is looked at twice, before the submission runs and at its end. The code that looks is sent
anew each time, and what it saw is kept outside. Who changes the code that Python itself uses to
look is not seen by it.
"""

import json

#: Runs in the kernel: the identity of each function there, and of what it is made of.
LOOK = """
def look():
    import builtins, json, sys
    import torch
    modules = {name: vars(module) for name, module in list(sys.modules.items())
               if name.startswith(("l2l_ref.checks", "l2l_ref.grading")) and module}
    known = {"builtins": builtins, "torch": torch, "torch.autograd": torch.autograd,
             "torch.nn.functional": torch.nn.functional}
    whole = {"torch.Tensor": vars(torch.Tensor), "torch.nn.Module": vars(torch.nn.Module),
             "torch.Generator": vars(torch.Generator), **modules}
    for name, values in modules.items():
        whole.update({f"{name}.{key}": vars(value) for key, value in list(values.items())
                      if isinstance(value, type) and value.__module__ == name})
    def parts(value):
        value = getattr(value, "__func__", value)
        made_of = ("__code__", "__defaults__", "__kwdefaults__", "__wrapped__", "fget")
        return [id(value), *(id(getattr(value, part, None)) for part in made_of)]
    found = {"some": {}, "all": {}}
    for kind, places in (("some", {n: vars(m) for n, m in known.items()}), ("all", whole)):
        for name, values in places.items():
            for key, value in list(values.items()):
                if callable(value) or isinstance(value, (property, staticmethod, classmethod)):
                    found[kind][f"{name}.{key}"] = parts(value)
    class Said(str):  # as in `inside`
        def _repr_mimebundle_(self, **_):
            return {"text/plain": repr(str(self))}
    return Said(json.dumps(found))
"""

#: What torch itself changes when its compiler is loaded.
TORCHS_OWN = ("torch.manual_seed", "torch.nn.Module.__init__", "torch.nn.Module.__setstate__")

#: Python's first import machinery, found without a name that a notebook could bind.
FIRST = (
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'BuiltinImporter'][0]"
    ".find_spec.__func__"
)

#: As one expression, which binds no name either.
EXPRESSION = (
    f"(lambda python: (lambda space: [python['exec']({LOOK!r}, space), space['look']()][1])"
    f"({{'__builtins__': python}}))({FIRST}.__builtins__)"
)


def read(text: str) -> dict[str, dict[str, list]]:
    """What `EXPRESSION` gave; nothing where it gave something else."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    good = isinstance(found, dict) and all(isinstance(found.get(k), dict) for k in ("some", "all"))
    return found if good else {}


def changed(before: dict, after: dict) -> list[str]:
    """The names of what is not what it was; of the check's own, also what is there anew."""
    if not after:
        return ["what Python looks with, if the kernel answers at all"]
    found = [
        name
        for kind in ("some", "all")
        for name, was in before[kind].items()
        if after[kind].get(name) != was and name not in TORCHS_OWN
    ]
    rooms = {name.rpartition(".")[0] for name in before["all"]}
    anew = (name for name in after["all"] if name not in before["all"])
    return found + [name for name in anew if name.rpartition(".")[0] in rooms]
