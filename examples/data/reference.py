"""Reference values of the examples `two_outcomes` and `kriging`: python3 reference.py

The program shares nothing with the crate. It forms dense matrices V from their definition, in 40 digits (mpmath), and
maximises the restricted likelihood by Newton's method with derivatives from finite differences.
"""

import csv
from pathlib import Path

from mpmath import diag, eye, fdot, log, matrix, mp, mpf, ones, pi, sqrt

mp.dps = 40
STEP = mpf(10) ** -12


def read(name):
    with open(Path(__file__).parent / name) as file:
        return list(csv.DictReader(file))


def root(a):
    """The lower triangular root of a symmetric matrix, as rows; an error unless the matrix is positive definite."""
    rows = []
    for i in range(a.rows):
        row = []
        for j in range(i + 1):
            rest = a[i, j] - fdot(zip(row, (rows + [row])[j]))
            if i == j and rest <= 0:
                raise ValueError("the matrix is not positive definite")
            row.append(sqrt(rest) if i == j else rest / rows[j][j])
        rows.append(row)
    return rows


def log_determinant(a):
    return 2 * sum(log(row[-1]) for row in root(a))


def equations(blocks, covariance, theta):
    """log|V|, XᵀV⁻¹X, XᵀV⁻¹y and yᵀV⁻¹y over independent blocks (X, y, rows)."""
    determinant, normal, right, square = 0, 0, 0, 0
    for x, y, rows in blocks:
        lower = root(covariance(theta, rows))
        determinant += 2 * sum(log(row[-1]) for row in lower)
        white = matrix(x.rows, x.cols + 1)
        for i, row in enumerate(lower):
            for k in range(x.cols + 1):
                entry = x[i, k] if k < x.cols else y[i]
                white[i, k] = (entry - fdot((row[j], white[j, k]) for j in range(i))) / row[i]
        products = white.T * white
        normal += products[: x.cols, : x.cols]
        right += products[: x.cols, x.cols]
        square += products[x.cols, x.cols]
    return determinant, normal, right, square


def restricted(blocks, covariance, theta):
    """The restricted log-likelihood with all constants."""
    determinant, normal, right, square = equations(blocks, covariance, theta)
    rest = square - (right.T * mp.lu_solve(normal, right))[0]
    degrees = sum(y.rows for _, y, _ in blocks) - normal.rows
    return -(degrees * log(2 * pi) + determinant + log_determinant(normal) + rest) / 2


def derivatives(function, theta):
    size = [STEP * max(abs(x), mpf(1) / 100) for x in theta]

    def at(*moves):
        moved = list(theta)
        for k, sign in moves:
            moved[k] += sign * size[k]
        return function(moved)

    here, count = at(), len(theta)
    gradient, hessian = matrix(count, 1), matrix(count)
    for j in range(count):
        up, down = at((j, 1)), at((j, -1))
        gradient[j] = (up - down) / (2 * size[j])
        hessian[j, j] = (up - 2 * here + down) / size[j] ** 2
        for k in range(j):
            mixed = sum(a * b * at((j, a), (k, b)) for a in (1, -1) for b in (1, -1))
            hessian[j, k] = hessian[k, j] = mixed / (4 * size[j] * size[k])
    return here, gradient, hessian


def maximise(function, start):
    """A maximum of `function`: Newton steps, shortened to stay uphill, until they change no digit of a double."""
    theta = [mpf(x) for x in start]
    for _ in range(100):
        here, gradient, hessian = derivatives(function, theta)
        scale = diag([abs(hessian[k, k]) for k in range(len(theta))])
        shift = mpf(0)
        while True:
            try:
                root(shift * scale - hessian)
                step = mp.lu_solve(shift * scale - hessian, gradient)
                moved = [x + s for x, s in zip(theta, step)]
                if function(moved) >= here - mpf(10) ** -25:
                    break
            except (ValueError, ZeroDivisionError):
                pass
            shift = 4 * shift if shift else mpf(1) / 4
        theta = moved
        if max(abs(s / x) for s, x in zip(step, theta)) < mpf(10) ** -18:
            return theta
    raise ArithmeticError("the search did not converge")


def show(label, values):
    print(f"{label:20}", *(mp.nstr(x, 12) for x in values))


def two_outcomes():
    """Variances and covariances between subjects and within visits, from all rows and without the last PaCO2."""
    subjects = {}
    for row in read("blood_gas.csv"):
        subjects.setdefault(row["subject"], []).append((row["ph"], row["paco2"]))

    def covariance(theta, rows):
        between, within = ([[t[0], t[1]], [t[1], t[2]]] for t in (theta[:3], theta[3:]))

        def entry(a, i, b, j):
            return between[a][b] + (within[a][b] if i == j else 0)

        return matrix([[entry(a, i, b, j) for b, j in rows] for a, i in rows])

    for label, lost in (("all rows", 0), ("last PaCO2 missing", 1)):
        blocks = []
        for visits in subjects.values():
            rows = [(k, i) for k in range(2) for i in range(len(visits) - lost * k)]
            x = matrix([[mpf(k == 0), mpf(k == 1)] for k, _ in rows])
            blocks.append((x, matrix([mpf(visits[i][k]) for k, i in rows]), rows))

        def likelihood(theta):
            return restricted(blocks, covariance, theta)

        theta = maximise(likelihood, ["0.08", "0.03", "0.4", "0.01", "-0.03", "0.3"])
        _, normal, right, _ = equations(blocks, covariance, theta)
        print(f"\ntwo outcomes, {label}")
        show("log-likelihood", [likelihood(theta)])
        show("between", theta[:3])
        show("within", theta[3:])
        show("means", mp.lu_solve(normal, right))
        inverse = mp.inverse(normal)
        show("standard errors", [sqrt(inverse[i, i]) for i in range(2)])


def kriging():
    """Matérn 5/2 with a nugget: estimates, the profile interval of the nugget, and predictions at new points."""
    runs = read("kriging.csv")
    points = [mpf(run["x"]) for run in runs]
    y = matrix([mpf(run["output"]) for run in runs])
    new = [mpf(x) for x in ("0", "0.25", "0.5", "0.525", "0.75", "1")]

    def field(theta, first, second):
        variance, reach = theta[:2]

        def entry(p, q):
            s = sqrt(5) * abs(p - q) / reach
            return variance * (1 + s + s**2 / 3) * mp.exp(-s)

        return matrix([[entry(p, q) for q in second] for p in first])

    def covariance(theta, _):
        return field(theta, points, points) + theta[2] * eye(len(points))

    blocks = [(ones(len(points), 1), y, None)]

    def likelihood(theta):
        return restricted(blocks, covariance, theta)

    theta = maximise(likelihood, [120, "0.3", "0.5"])
    best = likelihood(theta)
    print("\nkriging")
    show("log-likelihood", [best])
    show("σ², range, nugget", theta)

    quantile = mpf("3.841458820694124")

    def excess(nugget):
        """Twice the fall of the profile likelihood, less the quantile 0.95 of χ² with one degree."""
        others = maximise(lambda two: likelihood([*two, nugget]), theta[:2])
        return 2 * (best - likelihood([*others, nugget])) - quantile

    for bracket in (("0.1", "0.4"), ("0.6", "2")):
        end = mp.findroot(excess, [mpf(x) for x in bracket], solver="anderson", tol=mpf(10) ** -20)
        show("end of interval", [end])
    show("ratio at nugget 0", [excess(mpf(0)) + quantile])

    _, normal, right, _ = equations(blocks, covariance, theta)
    mean = right[0] / normal[0]
    show("mean", [mean, 1 / sqrt(normal[0])])
    inverse = mp.inverse(covariance(theta, None))
    across = field(theta, new, points)
    weights = across * inverse
    for i in range(len(new)):
        value = mean + (weights[i, :] * (y - mean * ones(len(y), 1)))[0]
        trend = 1 - sum(weights[i, :])
        error = theta[0] - (weights[i, :] * across[i, :].T)[0] + trend**2 / normal[0]
        show("prediction", [value, sqrt(error)])


two_outcomes()
kriging()
