#!/usr/bin/env python3
"""Writes cases.rs: for each case of tests/data/*.json, the typed expression that builds its matrix.

    python3 tests/reference/oracle/generate.py

The JSON files hold build trees and reference values; dimensions are types here, so the trees have to
become source text. The values stay in the JSON files, which the test reads. A case that needs
something the library does not have is left out, and the reason is printed.
"""
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "data"
FILES = ["leaves", "operators", "composites"]

# Default transforms by parameter kind, as the library's constructors have them.
EXP_POW_2 = {"type": "ExpPow2"}
IDENTITY = {"type": "Identity"}


def number(x):
    text = repr(float(x))
    return text if any(c in text for c in ".en") else text + ".0"


def transform(t):
    kind = t["type"]
    if kind == "Chain":
        parts = [transform(p) for p in t["chain"]]
        text = parts[0]
        for part in parts[1:]:
            text = f"Chain::new({text}, {part})"
        return text
    if kind == "Pow":
        return f"Pow::new({number(t['factor'])})"
    if kind == "ScaleShift":
        return f"ScaleShift::new({number(t['a'])}, {number(t['b'])})"
    return kind


def with_transform(text, transforms, default, names):
    if any(t != transforms[0] for t in transforms):
        return mixed(f"{text}.with_transform(Identity)", transforms, names)
    t = transforms[0]
    return text if t == default else f"{text}.with_transform({transform(t)})"


def mixed(text, transforms, names):
    """Parameters of one kind with different transforms: an adapter that transforms each on its own."""
    ours = ", ".join(f"&{any_transform(t)}" for t in transforms)
    texts = ", ".join(json.dumps(n) for n in names)
    return f"Adapter::new({text}, user::Mixed::<{len(names)}> {{ names: [{texts}], transforms: const {{ [{ours}] }} }})"


def any_transform(t):
    kind = t["type"]
    if kind == "Chain":
        return "user::Any::Chain(&[" + ", ".join(any_transform(p) for p in t["chain"]) + "])"
    if kind == "ScaleShift":
        return f"user::Any::ScaleShift({transform(t)})"
    return f"user::Any::{kind}"


class Builder:
    """Turns a build tree into an expression; `trans` maps the path of each parameter to its transform."""

    def __init__(self, case):
        self.trans = case["trans"]

    def leaf_transforms(self, node, path, names):
        specs = node.get("param_specs")
        if specs:
            return [s["trans"] for s in specs]
        return [self.trans[path + name] for name in names]

    def node(self, node, path):
        return getattr(self, "build_" + node["type"])(node, path)

    def operands(self, node, path):
        for place, operand in enumerate(node["operands"]):
            text = self.node(operand["node"], path + operand["name"] + "/")
            positional = operand["name"] == f"op_{place}"
            # A nested chain would read as part of the outer one: its place is its name.
            nested = positional and place == 0 and operand["node"]["type"] == node["type"]
            yield text if positional and not nested else f'named("{operand["name"]}", {text})'

    def build_Identity(self, node, path):
        return f"IdentityMatrix::<{node['n']}>::new()"

    def build_Scalar(self, node, path):
        t = self.leaf_transforms(node, path, ["sigma^2"])
        return with_transform(f"ScalarMatrix::<{node['n']}>::new()", t, EXP_POW_2, [])

    def build_Diagonal(self, node, path):
        names = [f"sigma^2_{i}" for i in range(node["n"])]
        t = self.leaf_transforms(node, path, names)
        return with_transform(f"DiagonalMatrix::<{node['n']}>::new()", t, EXP_POW_2, names)

    def build_Unconstrained(self, node, path):
        n = node["n"]
        places = [(i, j) for i in range(n) for j in range(i + 1)]
        names = [f"sigma^2_{i}_{j}" for i, j in places]
        t = self.leaf_transforms(node, path, names)
        text = f"UnconstrainedMatrix::<{n}>::new()"
        if t == [EXP_POW_2 if i == j else IDENTITY for i, j in places]:
            return text
        return mixed(f"{text}.with_transforms(Identity, Identity)", t, names)

    def build_LowerTriangular(self, node, path):
        n, m = node["n"], node["m"]
        names = [f"L_{i}_{j}" for i in range(n) for j in range(min(i + 1, m))]
        t = self.leaf_transforms(node, path, names)
        return with_transform(f"LowerTriangularMatrix::<{n}, {m}>::new()", t, IDENTITY, names)

    def build_Tensor(self, node, path):
        rows = node["data"]
        entries = ", ".join(number(x) for row in rows for x in row)
        return f"SMatrix::<f64, {len(rows)}, {len(rows[0])}>::from_row_slice(&[{entries}])"

    def build_Dummy(self, node, path):
        if not node["lex_order"] or node["levels"] or node["drop_first"] or node["drop_empty_cols"]:
            raise NotImplementedError("levels and dropped columns are in dummy.rs")
        factors = []
        for labels in node["factors"]:
            text = ", ".join(json.dumps(label) for label in labels)
            factors.append(
                f"DummyMatrix::<{len(labels)}, {len(set(labels))}>::from_labels(&[{text}]).unwrap()"
            )
        text = factors[0]
        for factor in factors[1:]:
            text = f"{text}.crossed(&{factor})"
        return text

    def build_EqualEntry(self, node, path):
        t = self.leaf_transforms(node, path, ["sigma^2"])
        return with_transform(f"EqualEntryMatrix::<{node['n']}, {node['m']}>::new()", t, EXP_POW_2, [])

    def build_Equicorrelation(self, node, path):
        t = self.leaf_transforms(node, path, ["rho"])
        text = f"EquicorrelationMatrix::<{node['n']}>::new()"
        return with_transform(text, t, correlation(-1 / (node["n"] - 1)), [])

    def build_CompoundSymmetric(self, node, path):
        text = f"CompoundSymmetricMatrix::<{node['n']}>::new()"
        return self.variance_and_correlation(text, node, path, -1 / (node["n"] - 1))

    def build_AR1(self, node, path):
        return self.variance_and_correlation(f"Ar1Matrix::<{node['n']}>::new()", node, path, -1.0)

    def variance_and_correlation(self, text, node, path, low):
        variance, rho = self.leaf_transforms(node, path, ["sigma^2", "rho"])
        if variance == EXP_POW_2 and rho == correlation(low):
            return text
        return f"{text}.with_transforms({transform(variance)}, {transform(rho)})"

    def build_Simple(self, node, path):
        kind, default = node["kind"], number(node.get("default", 0.0))
        if kind in ("exp_distance", "gauss_distance"):
            n = len(node["D"])
            power = 1 if kind == "exp_distance" else 2
            return f"user::Distance::<{n}> {{ distances: {rows(node['D'])}, power: {power}, default: {default} }}"
        if kind == "outer":
            return f"user::Outer::<{node['num_params']}> {{ default: {default} }}"
        if kind == "linear_combination":
            n = len(node["B"][0])
            bases = ", ".join(rows(b) for b in node["B"])
            return f"user::Combination::<{n}, {len(node['B'])}> {{ bases: [{bases}], default: {default} }}"
        raise NotImplementedError(kind)

    def build_Adapter(self, node, path):
        inner = Builder.plain(node["adaptee"])
        specs = node["param_specs"]
        names = ", ".join(json.dumps(s["name"]) for s in specs)
        defaults = ", ".join(number(s["default"]) for s in specs)
        terms = ", ".join(
            "&[" + ", ".join(
                f"({number(t['coef'])}, &[" + ", ".join(f"({k}, {e})" for k, e in t["powers"]) + "])"
                for t in output
            ) + "]"
            for output in node["map"]
        )
        map_ = (
            f"user::Polynomials::<{len(specs)}, {len(node['map'])}> "
            f"{{ names: [{names}], defaults: [{defaults}], terms: [{terms}] }}"
        )
        text = f"Adapter::new({inner}, {map_})"
        if all(s["trans"] == IDENTITY for s in specs):
            return text
        return mixed(text, [s["trans"] for s in specs], [s["name"] for s in specs])

    @staticmethod
    def plain(node):
        """The matrix with its default transforms."""

        class Plain(Builder):
            def __init__(self):
                pass

            def leaf_transforms(self, node, path, names):
                if node.get("param_specs"):
                    raise NotImplementedError("transforms inside an adapter")
                kind = node["type"]
                low = -1.0 if kind == "AR1" else -1 / (node["n"] - 1) if node["n"] > 1 else None
                of = {"sigma^2": EXP_POW_2, "rho": correlation(low) if low else None}
                pick = lambda name: of.get(name) or (
                    IDENTITY if name.startswith("L_") or off_diagonal(name) else EXP_POW_2
                )
                return [pick(name) for name in names]

        return Plain().node(node, "")

    def pair(self, constructor, node, path):
        first, *rest = self.operands(node, path)
        for other in rest:
            first = f"{constructor}::new({first}, {other})"
        return first

    def build_CovariancePropagation(self, node, path):
        return self.pair("CovariancePropagation", node, path)

    def build_KroneckerProduct(self, node, path):
        return self.pair("KroneckerProduct", node, path)

    def build_HadamardProduct(self, node, path):
        return self.pair("HadamardProduct", node, path)

    def build_Product(self, node, path):
        return self.pair("Product", node, path)

    def build_BlockDiagonal(self, node, path):
        return self.pair("BlockDiagonal", node, path)

    def build_Augment(self, node, path):
        return self.pair("Augment", node, path)

    def build_Stack(self, node, path):
        return self.pair("Stack", node, path)

    def build_Transpose(self, node, path):
        return "Transpose::new({})".format(*self.operands(node, path))

    def build_Inverse(self, node, path):
        return "Inverse::new({})".format(*self.operands(node, path))

    def build_Gram(self, node, path):
        constructor = {"xtx": "Gram", "xxt": "OuterGram"}[node["gram_type"]]
        return f"{constructor}::new({next(self.operands(node, path))})"

    def build_Sum(self, node, path):
        first, *rest = self.operands(node, path)
        return first + "".join(f".plus({other})" for other in rest)


def correlation(low):
    return {"type": "Chain", "chain": [{"type": "Sigmoid"}, {"type": "ScaleShift", "a": 1 - low, "b": low}]}


def off_diagonal(name):
    parts = name.split("_")
    return len(parts) == 3 and parts[1] != parts[2]


def rows(matrix):
    return "[" + ", ".join("[" + ", ".join(number(x) for x in row) + "]" for row in matrix) + "]"


def constrained(text, case):
    """Fixed parameters are a constraint around the whole."""
    names, free = case["param_names"], case["free_param_names"]
    if names == free:
        return text
    sources = ", ".join(
        f"Source::Free({free.index(n)})" if n in free else f"Source::Fixed({number(case['defaults'][n])})"
        for n in names
    )
    return f"Constrained::<_, f64, {len(free)}>::new({text}, [{sources}])"


def main():
    out = ["// Written by generate.py.\n"]
    count = 0
    for file in FILES:
        cases = json.loads((DATA / f"{file}.json").read_text())["cases"]
        out.append(f"pub(crate) fn {file}(oracle: &mut Oracle) {{")
        for case in cases:
            text = constrained(Builder(case).node(case["build"], ""), case)
            out.append(f'    oracle.check("{case["name"]}", &{text});')
            count += 1
        out.append("}\n")
    out.append("pub(crate) fn transforms(oracle: &mut TransformOracle) {")
    for case in json.loads((DATA / "transforms.json").read_text())["cases"]:
        out.append(f"    oracle.check(&{transform(case['trans'])});")
    out.append("}\n")
    (HERE / "cases.rs").write_text("\n".join(out))
    print(f"{count} cases")


main()
