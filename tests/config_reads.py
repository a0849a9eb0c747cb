"""Which attributes of which classes a program reads, by its annotations: to find settings that nothing reads."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

Kinds = frozenset[str]
_NONE: Kinds = frozenset()


class Reads(ast.NodeVisitor):
    """Follows the classes of names, attributes, loop variables and results of functions through modules.

    It knows what annotations say and no more, so that a field of one class never passes for the field of the same
    name in another.

    Attributes:
        found: Class and attribute of each read outside the class's own body.
    """

    def __init__(self, modules: Iterable[ast.Module]) -> None:
        modules = list(modules)
        self.found: set[tuple[str, str]] = set()
        self._fields: dict[str, dict[str, Kinds]] = defaultdict(dict)
        self._results: dict[str, Kinds] = {}
        self._names: dict[str, Kinds] = {}
        self._class = ""
        self._known = frozenset(n.name for m in modules for n in ast.walk(m) if isinstance(n, ast.ClassDef))
        for node in (n for m in modules for n in ast.walk(m)):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        self._fields[node.name][line.target.id] = self._mentioned(line.annotation)
            elif isinstance(node, ast.FunctionDef):
                self._results[node.name] = self._results.get(node.name, _NONE) | self._mentioned(node.returns)
        for _ in range(2):  # a method may read what a later one assigns to self
            for module in modules:
                self._names = {}
                self.visit(module)

    def _mentioned(self, annotation: ast.expr | None) -> Kinds:
        names = [] if annotation is None else list(ast.walk(annotation))
        return frozenset(n.id for n in names if isinstance(n, ast.Name) and n.id in self._known)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._class = self._class, node.name
        self.generic_visit(node)
        self._class = outer

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.Lambda) -> None:
        outer, self._names = self._names, dict(self._names)
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        for argument in arguments:
            self._names[argument.arg] = self._mentioned(argument.annotation)
        if self._class and arguments and arguments[0].arg == "self":
            self._names["self"] = frozenset([self._class])
        self.generic_visit(node)
        self._names = outer

    visit_Lambda = visit_FunctionDef  # noqa: N815

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, self.kinds(node.iter))
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, self.kinds(node.value))
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self._bind(node.target, self.kinds(node.value))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._bind(node.target, self._mentioned(node.annotation))
        self.generic_visit(node)

    def _visit_comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> None:
        outer, self._names = self._names, dict(self._names)
        for part in node.generators:
            self._bind(part.target, self.kinds(part.iter))
        self.generic_visit(node)
        self._names = outer

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension  # noqa: N815

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load):
            self.found |= {(kind, node.attr) for kind in self.kinds(node.value) if kind != self._class}
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """`Other(**asdict(config))` reads the fields that Other has too."""
        taken = self._fields.get(getattr(node.func, "id", ""), {})
        for part in (k.value for k in node.keywords if k.arg is None):
            if isinstance(part, ast.Call) and getattr(part.func, "id", "") == "asdict":
                self.found |= {(kind, f) for kind in self._union(part.args) for f in self._fields[kind] if f in taken}
        self.generic_visit(node)

    def _bind(self, target: ast.expr, kinds: Kinds) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._names[node.id] = kinds
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self":
            fields = self._fields[self._class]
            fields[target.attr] = fields.get(target.attr, _NONE) | kinds

    def kinds(self, node: ast.AST) -> Kinds:
        """Classes that an expression, or the items of a container, may be of."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, frozenset([node.id]) & self._known)
        if isinstance(node, ast.Attribute):
            return frozenset(k for owner in self.kinds(node.value) for k in self._fields[owner].get(node.attr, _NONE))
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in self._known:
                return frozenset([name])
            if self._results.get(name):
                return self._results[name]
            inside = node.args if isinstance(node.func, ast.Name) else [node.func.value]  # type: ignore[attr-defined]
            return self._union(inside)  # such as enumerate(sources), sources.values(), fill(Config, …)
        if isinstance(node, ast.BoolOp | ast.IfExp | ast.Subscript | ast.List | ast.Tuple | ast.Starred):
            return self._union(ast.iter_child_nodes(node))
        return _NONE

    def _union(self, nodes: Iterable[ast.AST]) -> Kinds:
        return frozenset(kind for node in nodes for kind in self.kinds(node))


def reads(sources: Iterable[str]) -> set[tuple[str, str]]:
    """Class and attribute of each read in the modules, for all classes that they define."""
    return Reads(ast.parse(source) for source in sources).found
