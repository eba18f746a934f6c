"""Reference values of the examples `variance_by_arm` and `meta_analysis`: python3 reference_subjects.py

The program shares nothing with the crate. It forms the matrix V of each subject from its definition, in 30 digits
(mpmath), and maximises the restricted likelihood by Newton's method with derivatives from finite differences. It takes
about a minute.
"""

import csv
from pathlib import Path

from mpmath import atanh, det, erfinv, exp, eye, findroot, log, matrix, mp, mpf, nstr, pi, sqrt, tanh

mp.dps = 30
STEP = mpf(10) ** -8


def read(name):
    with open(Path(__file__).parent / name) as file:
        return list(csv.DictReader(file))


def log_likelihood(subjects):
    """The restricted log-likelihood of independent subjects (X, y, V) with all constants."""
    k = subjects[0][0].cols
    information, right, square, log_det, count = matrix(k, k), matrix(k, 1), 0, 0, 0
    for x, y, v in subjects:
        weight = v**-1
        information += x.T * weight * x
        right += x.T * weight * y
        square += (y.T * weight * y)[0]
        log_det += log(det(v))
        count += x.rows
    rest = square - (right.T * information**-1 * right)[0]
    return -((count - k) * log(2 * pi) + log_det + log(det(information)) + rest) / 2


def maximum(f, at):
    """The place of a maximum of f, by Newton steps that go uphill, and f there."""
    n = len(at)
    for _ in range(100):
        moved = lambda *steps: f([x + STEP * sum(s for k, s in steps if k == i) for i, x in enumerate(at)])
        here = f(at)
        gradient = matrix([(moved((i, 1)) - moved((i, -1))) / (2 * STEP) for i in range(n)])
        hessian = matrix(n, n)
        for i in range(n):
            for j in range(n):
                signs = [(a, b) for a in (1, -1) for b in (1, -1)]
                hessian[i, j] = sum(a * b * moved((i, a), (j, b)) for a, b in signs) / (4 * STEP**2)
        damping = mpf(0)
        while any(det((damping * eye(n) - hessian)[: i + 1, : i + 1]) <= 0 for i in range(n)):
            damping = max(2 * damping, mpf("0.01"))
        step = (damping * eye(n) - hessian) ** -1 * gradient
        size = mpf(1)
        while f([x + size * s for x, s in zip(at, step)]) < here and size > 1e-6:
            size /= 2
        at = [x + size * s for x, s in zip(at, step)]
        if max(abs(s) for s in step) < mpf(10) ** -12:
            break
    return at, f(at)


def variance_by_arm():
    """distance ~ age * sex + (1 | child) with a residual variance for each sex."""
    children = {}
    for row in read("orthodont.csv"):
        children.setdefault((row["subject"], row["sex"] == "Female"), []).append(row)

    def f(theta):
        between, *within = [exp(2 * x) for x in theta]
        subjects = []
        for (_, girl), rows in children.items():
            x = matrix([[1 - girl, (1 - girl) * mpf(row["age"]), girl, girl * mpf(row["age"])] for row in rows])
            v = within[girl] * eye(len(rows)) + between * matrix([[1] * len(rows)] * len(rows))
            subjects.append((x, matrix([mpf(row["distance"]) for row in rows]), v))
        return log_likelihood(subjects)

    theta, value = maximum(f, [mpf("0.5")] * 3)
    print("variances between, of boys, of girls", *[nstr(exp(2 * x), 12) for x in theta])
    print("log-likelihood", nstr(value, 14))


def meta_analysis():
    """The ends of the 95 % profile intervals of the variances of two outcomes."""
    trials = []
    for row in read("periodontal.csv"):
        pd, al, var_pd, cov, var_al = [mpf(row[name]) for name in ("pd", "al", "var_pd", "cov", "var_al")]
        trials.append((eye(2), matrix([pd, al]), matrix([[var_pd, cov], [cov, var_al]])))

    def f(a, b, rho):
        g = matrix([[a * a, rho * a * b], [rho * a * b, b * b]])
        return log_likelihood([(x, y, g + s) for x, y, s in trials])

    start = [log(mpf("0.18")), atanh(mpf("0.6"))]
    _, top = maximum(lambda t: f(exp(t[0]), exp(t[1]), tanh(t[2])), [log(mpf("0.1")), *start])
    print("log-likelihood", nstr(top, 14))

    def drop(k, held):
        of = lambda t: f(held, exp(t[0]), tanh(t[1])) if k == 0 else f(exp(t[0]), held, tanh(t[1]))
        return 2 * (top - maximum(of, start)[1]) - 2 * erfinv(mpf("0.95")) ** 2

    for k, name, near in [(0, "pd", 0.0074), (0, "pd", 0.33), (1, "al", 0.097), (1, "al", 0.45)]:
        end = findroot(lambda held: drop(k, held), (mpf(near), mpf(near) * mpf("1.02")), solver="secant", tol=1e-16)
        print("end of the interval of the variance of", name, nstr(end**2, 12))


variance_by_arm()
meta_analysis()
