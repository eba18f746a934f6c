"""Maxima of likelihoods for `tests/estimation/search`, by other means than the library's.

Each likelihood is the normal density of contrasts A'y with A'X = 0 (REML) or of y with beta profiled out (ML), evaluated in
double precision for a search by Nelder-Mead and BFGS from many starts, and in 40 digits by mpmath for Newton steps from the
best point. cases.py makes use of it (needs numpy, scipy, mpmath).
"""

import json
import math
import random
import sys

import mpmath as mp
import numpy as np
from scipy.optimize import minimize

mp.mp.dps = 40


# Likelihoods --------------------------------------------------------------------------------------------------------

def reml(v, x, ys):
    """In double precision; ys is the list of subjects' responses, with a common V and X."""
    n, k, m = len(x), len(x[0]), len(ys)
    x = np.asarray(x, float)
    try:
        l = np.linalg.cholesky(v)
    except np.linalg.LinAlgError:
        return -math.inf
    lx = np.linalg.solve(l, x)
    ly = np.linalg.solve(l, np.asarray(ys, float).T)
    q, r = np.linalg.qr(lx)
    # beta from the mean response, since X is common
    mean = ly.mean(axis=1, keepdims=True)
    fitted = q @ (q.T @ mean)
    quadratic = ((ly - fitted) ** 2).sum()
    log_x = 2 * np.log(np.abs(np.diag(r))).sum() + k * math.log(m)
    log_v = 2 * m * np.log(np.diag(l)).sum()
    return -0.5 * ((n * m - k) * math.log(2 * math.pi) + log_v + log_x + quadratic)


def mp_cholesky(v):
    n = v.rows
    l = mp.matrix(n, n)
    for j in range(n):
        s = v[j, j] - mp.fsum(l[j, k] ** 2 for k in range(j))
        if s <= 0:
            raise ValueError(j)
        l[j, j] = mp.sqrt(s)
        for i in range(j + 1, n):
            l[i, j] = (v[i, j] - mp.fsum(l[i, k] * l[j, k] for k in range(j))) / l[j, j]
    return l


def forward(l, b):
    out = []
    for i in range(l.rows):
        out.append((b[i] - mp.fsum(l[i, k] * out[k] for k in range(i))) / l[i, i])
    return out


def mp_parts(v, x, ys):
    """log|V| over all subjects, X'V^-1 X, X'V^-1 y, y'V^-1 y."""
    m, k = len(ys), len(x[0])
    l = mp_cholesky(v)
    xs = [forward(l, [mp.mpf(row[j]) for row in x]) for j in range(k)]
    sums = [mp.fsum(mp.mpf(y[i]) for y in ys) for i in range(len(x))]
    s = forward(l, sums)
    dot = lambda a, b: mp.fsum(p * q for p, q in zip(a, b))
    xx = mp.matrix(k, k)
    for a in range(k):
        for b in range(k):
            xx[a, b] = m * dot(xs[a], xs[b])
    xy = mp.matrix([dot(xs[a], s) for a in range(k)])
    yy = mp.fsum(dot(w, w) for w in (forward(l, [mp.mpf(t) for t in y]) for y in ys))
    return 2 * m * mp.fsum(mp.log(l[i, i]) for i in range(l.rows)), xx, xy, yy


def mp_reml(v, x, ys, ml=False):
    log_v, xx, xy, yy = mp_parts(v, x, ys)
    n, k = len(x) * len(ys), len(x[0])
    beta = mp.lu_solve(xx, xy)
    quadratic = yy - mp.fsum(a * b for a, b in zip(beta, xy))
    log_x = 0 if ml else mp.log(mp.det(xx))
    return -(((n if ml else n - k) * mp.log(2 * mp.pi)) + log_v + log_x + quadratic) / 2


def mp_beta(v, x, ys):
    _, xx, xy, _ = mp_parts(v, x, ys)
    return [b for b in mp.lu_solve(xx, xy)]


# Searches -----------------------------------------------------------------------------------------------------------

def maximise(f, starts, clip=60.0):
    """The best of many local searches of f(u), in double precision; and the heights of all, best first."""
    def g(u):
        if np.any(np.abs(u) > clip):
            return 1e10
        try:
            value = f(u)
        except (OverflowError, np.linalg.LinAlgError):
            return 1e10
        return -value if math.isfinite(value) else 1e10
    ends = []
    for start in starts:
        u = np.asarray(start, float)
        if g(u) >= 1e10:
            continue
        for _ in range(2):
            u = minimize(g, u, method="BFGS", options=dict(gtol=1e-9)).x
            u = minimize(g, u, method="Nelder-Mead", options=dict(xatol=1e-9, fatol=1e-12, maxiter=4000, maxfev=4000)).x
        ends.append((-g(u), list(u)))
    ends.sort(key=lambda e: -e[0])
    return ends[0][1], [e[0] for e in ends]


def newton(f, u, steps=12):
    """Newton steps in 40 digits with central differences; f(u) for mpf u. Returns u, f(u), the gradient's largest entry."""
    u = [mp.mpf(x) for x in u]
    p, h = len(u), mp.mpf(10) ** -11
    for _ in range(steps):
        def at(*moves):
            w = list(u)
            for k, s in moves:
                w[k] += s * h
            return f(w)
        here = f(u)
        up = [at((k, 1)) for k in range(p)]
        down = [at((k, -1)) for k in range(p)]
        g = mp.matrix([(up[k] - down[k]) / (2 * h) for k in range(p)])
        hess = mp.matrix(p, p)
        for a in range(p):
            hess[a, a] = (up[a] + down[a] - 2 * here) / h ** 2
            for b in range(a):
                c = (at((a, 1), (b, 1)) + at((a, -1), (b, -1)) - at((a, 1), (b, -1)) - at((a, -1), (b, 1))) / (4 * h ** 2)
                hess[a, b] = hess[b, a] = c
        step = mp.lu_solve(hess, g)
        if max(abs(s) for s in step) > 1:
            raise ValueError("no maximum near", step)
        u = [a - b for a, b in zip(u, step)]
        if max(abs(s) for s in step) < mp.mpf(10) ** -18:
            break
    for k in range(p):
        assert hess[k, k] < 0, "no maximum"
    return u, f(u), max(abs(x) for x in g)


def num(x):
    return float(x)
