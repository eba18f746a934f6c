"""The data and the maxima of `cases.json`. Usage: python3 cases.py [names]; all of them take half an hour of two processors."""

import csv
import os
from multiprocessing import Pool

from reference import *

HERE = os.path.dirname(os.path.abspath(__file__))
T = [0, 1, 2, 3.5, 4, 6, 7, 8.5, 9, 11, 12, 13]
Y = [1, 1.3, 0.9, 0.2, 0.1, -0.6, -0.9, -0.4, -0.5, 0.6, 0.9, 1.4]
ones = lambda n: [[1]] * n


def eye(n, s=1):
    return mp.matrix(n, n) + mp.diag([s] * n)


def entries(n, f):
    return mp.matrix([[f(i, j) for j in range(n)] for i in range(n)])


# Distances ------------------------------------------------------------------------------------------------------------

def kernel(name, d):
    if name == "exponential":
        return lambda u: mp.exp(-d / u)
    if name == "matern":
        return lambda u: (1 + mp.sqrt(3) * d / u) * mp.exp(-mp.sqrt(3) * d / u)
    return lambda u: mp.exp(-((d / u) ** 2))


def distances():
    out = {}
    d = np.abs(np.subtract.outer(T, T))
    exact = [[mp.mpf(abs(a - b)) for b in T] for a in T]
    rng = random.Random(1)
    shapes = {
        "exponential": lambda z: np.exp(-z),
        "matern": lambda z: (1 + math.sqrt(3) * z) * np.exp(-math.sqrt(3) * z),
        "gaussian": lambda z: np.exp(-z * z),
    }
    for name, nugget in (("exponential", False), ("matern", True), ("gaussian", True)):
        def f(u):
            v = math.exp(2 * u[0]) * shapes[name](d / math.exp(u[1]))
            return reml(v + math.exp(2 * u[2]) * np.eye(12) if nugget else v, ones(12), [Y])
        starts = [[rng.uniform(-2, 2), rng.uniform(-2, 4)] + ([rng.uniform(-3, 1)] if nugget else []) for _ in range(30)]
        u, _ = maximise(f, starts, clip=25)
        def v(w):
            c = entries(12, lambda i, j: mp.exp(2 * w[0]) * kernel(name, exact[i][j])(mp.exp(w[1])))
            return c + eye(12, mp.exp(2 * w[2])) if nugget else c
        w, top, g = newton(lambda w: mp_reml(v(w), ones(12), [Y]), u)
        params = [mp.exp(2 * w[0]), mp.exp(w[1])] + ([mp.exp(2 * w[2])] if nugget else [])
        out[name] = dict(log_likelihood=num(top), params=[num(p) for p in params],
                         beta=[num(b) for b in mp_beta(v(w), ones(12), [Y])])
    # sigma^4 C C', in which the exponential correlation C has the range r
    for name, nugget in (("outer_gram", False), ("outer_gram_nugget", True)):
        def f(u):
            c = np.exp(-d / math.exp(u[1]))
            v = math.exp(4 * u[0]) * c @ c
            return reml(v + math.exp(2 * u[2]) * np.eye(12) if nugget else v, ones(12), [Y])
        starts = [[rng.uniform(-1, 1), rng.uniform(-2, 5)] + ([rng.uniform(-3, 1)] if nugget else []) for _ in range(20)]
        u, _ = maximise(f, starts, clip=25)
        def v(w):
            c = entries(12, lambda i, j: mp.exp(2 * w[0]) * mp.exp(-exact[i][j] / mp.exp(w[1])))
            return c * c + eye(12, mp.exp(2 * w[2])) if nugget else c * c
        w, top, _ = newton(lambda w: mp_reml(v(w), ones(12), [Y]), u)
        params = [mp.exp(2 * w[0]), mp.exp(w[1])] + ([mp.exp(2 * w[2])] if nugget else [])
        out[name] = dict(log_likelihood=num(top), params=[num(p) for p in params],
                         beta=[num(b) for b in mp_beta(v(w), ones(12), [Y])])
    return out


# Machines -------------------------------------------------------------------------------------------------------------

def machines():
    with open(os.path.join(HERE, "../design/machines_nested.csv")) as file:
        rows = list(csv.DictReader(file))
    workers = {}
    for row in rows:
        machine = 1 if row["x1"] != "0" else 2 if row["x2"] != "0" else 0
        workers.setdefault(row["g_Worker"], [[], [], []])[machine].append(float(row["y"]))
    ys = [sum(s, []) for _, s in sorted(workers.items())]
    x = [[int(j == 0 or j == i // 3) for j in range(3)] for i in range(9)]
    z = np.array([[float(i // 3 == j) for j in range(3)] for i in range(9)])
    def root(u):
        return np.array([[u[0], 0, 0], [u[1], u[2], 0], [u[3], u[4], u[5]]])
    def f(u):
        return reml(z @ root(u) @ root(u).T @ z.T + math.exp(2 * u[6]) * np.eye(9), x, ys)
    rng = random.Random(2)
    u, ends = maximise(f, [[rng.uniform(-5, 5) for _ in range(6)] + [rng.uniform(-1, 1)] for _ in range(20)], clip=1e4)
    def g(w):
        l = mp.matrix([[w[0], 0, 0], [w[1], w[2], 0], [w[3], w[4], w[5]]])
        return l * l.T
    def v(w):
        zz = mp.matrix(z.tolist())
        return zz * g(w) * zz.T + eye(9, mp.exp(2 * w[6]))
    w, top, _ = newton(lambda w: mp_reml(v(w), x, ys), u)
    best = g(w)
    sd = [mp.sqrt(best[i, i]) for i in range(3)]
    l = mp_cholesky(best)
    params = sd + [l[1, 0] / l[1, 1], l[2, 0] / l[2, 2], l[2, 1] / l[2, 2], mp.exp(2 * w[6])]
    return dict(ys=ys, log_likelihood=num(top), params=[num(p) for p in params], beta=[num(b) for b in mp_beta(v(w), x, ys)])


# A G of rank one ------------------------------------------------------------------------------------------------------

def rank_one():
    noise = [0.3, -0.2, 0.1, -0.25, 0.2, -0.1, 0.15, -0.3]
    effects = [-2.0, 1.5, 0.5, -1.0, 2.0, -0.5, 1.0, -1.5]
    ys = [[3.0 + effects[i] * (1.0 + r) + noise[(3 * i + 5 * r) % 8] for r in range(4)] for i in range(8)]
    x = [[1, t] for t in range(4)]
    z = np.array(x, float)
    def f(u):
        l = np.array([[u[0], 0], [u[1], u[2]]])
        return reml(z @ l @ l.T @ z.T + math.exp(2 * u[3]) * np.eye(4), x, ys)
    rng = random.Random(3)
    u, _ = maximise(f, [[rng.uniform(-2, 2) for _ in range(3)] + [rng.uniform(-3, 1)] for _ in range(12)], clip=1e4)
    assert abs(u[2]) < 1e-5
    zz = mp.matrix([[mp.mpf(a) for a in row] for row in x])
    def v(w):
        a = mp.matrix([w[0], w[1]])
        return zz * a * a.T * zz.T + eye(4, w[2] ** 2)
    w, top, _ = newton(lambda w: mp_reml(v(w), x, ys), [abs(u[0]), u[1] * np.sign(u[0]), math.exp(u[3])])
    # the multiplier of the second eigenvalue: d/d(e^2) at G + e^2 n n', negative
    n = mp.matrix([-w[1], w[0]])
    def beside(e):
        a = mp.matrix([w[0], w[1]])
        return mp_reml(zz * (a * a.T + e * n * n.T) * zz.T + eye(4, w[2] ** 2), x, ys)
    slope = (beside(mp.mpf(10) ** -15) - beside(0)) * mp.mpf(10) ** 15
    assert slope < 0
    # Kenward & Roger by (a, s2), with second derivatives and the bias of 2009: independent of the parametrisation
    m, q, k = len(ys), 4, 2
    a1, a2, s2 = w[0], w[1], w[2] ** 2
    outer = lambda p, r: mp.matrix(p) * mp.matrix(r).T
    e = [[1, 0], [0, 1]]
    a = [a1, a2]
    def dg(i):
        return outer(e[i], a) + outer(a, e[i])
    first = [zz * dg(0) * zz.T, zz * dg(1) * zz.T, eye(4)]
    zero = mp.matrix(4, 4)
    second = [[zz * (outer(e[i], e[j]) + outer(e[j], e[i])) * zz.T if i < 2 and j < 2 else zero for j in range(3)] for i in range(3)]
    vi = mp.inverse(v(w))
    xm = mp.matrix(x)
    big = lambda b: mp.matrix([[b[i % q, j % q] if i // q == j // q else 0 for j in range(q * m)] for i in range(q * m)])
    vib, xb = big(vi), mp.matrix([x[i % q] for i in range(q * m)])
    phi = mp.inverse(xb.T * vib * xb)
    p = vib - vib * xb * phi * xb.T * vib
    fb = [big(b) for b in first]
    sb = [[big(b) for b in row] for row in second]
    trace = lambda b: mp.fsum(b[i, i] for i in range(b.rows))
    pf = [p * b for b in fb]
    info = mp.matrix([[trace(pf[i] * pf[j]) / 2 for j in range(3)] for i in range(3)])
    ww = mp.inverse(info)
    h = vib * xb
    forms = [h.T * b * h for b in fb]
    slopes = [phi * b * phi for b in forms]
    inner = mp.matrix(k, k)
    for i in range(3):
        for j in range(3):
            inner += ww[i, j] * (h.T * fb[i] * vib * fb[j] * h - forms[i] * phi * forms[j] - h.T * sb[i][j] * h / 4)
    adjusted = phi + 2 * phi * inner * phi
    for i in range(3):
        bias = -mp.fsum(ww[i, l] * ww[r, j] * trace(pf[l] * p * sb[r][j]) for l in range(3) for r in range(3) for j in range(3)) / 4
        adjusted -= bias * slopes[i]
    degrees = []
    for l in range(k):
        g = mp.matrix([s[l, l] for s in slopes])
        degrees.append(2 * phi[l, l] ** 2 / (g.T * ww * g)[0])
    return dict(ys=ys, log_likelihood=num(top), g=[num(a1 * a1), num(a1 * a2), num(a2 * a2)], residual=num(s2),
                beta=[num(b) for b in mp_beta(v(w), x, ys)], standard_errors=[num(mp.sqrt(phi[i, i])) for i in range(k)],
                kenward_roger=dict(degrees=[num(d) for d in degrees],
                                   standard_errors=[num(mp.sqrt(adjusted[i, i])) for i in range(k)]))


# Local level ----------------------------------------------------------------------------------------------------------

def local_level(seed):
    rng = random.Random(100 + seed)
    level, y = 0.0, []
    for _ in range(60):
        y.append(round(level + rng.gauss(0, 1), 2))
        level += rng.gauss(0, 1)
    return maximum_of_level(y)


def maximum_of_level(y):
    """Maximum likelihood: the first level has mean 0 and variance 100."""
    n = len(y)
    steps = np.minimum.outer(np.arange(n), np.arange(n))
    def f(u):
        v = 100 + math.exp(u[0]) * steps + math.exp(u[1]) * np.eye(n)
        l = np.linalg.cholesky(v)
        w = np.linalg.solve(l, y)
        return -0.5 * (n * math.log(2 * math.pi) + 2 * np.log(np.diag(l)).sum() + w @ w)
    rng = random.Random(4)
    u, _ = maximise(f, [[rng.uniform(-3, 3), rng.uniform(-3, 3)] for _ in range(6)], clip=40)
    def exact(q, r):
        v = entries(n, lambda i, j: 100 + q * min(i, j) + (r if i == j else 0))
        l = mp_cholesky(v)
        w = forward(l, [mp.mpf(t) for t in y])
        return -(n * mp.log(2 * mp.pi) + 2 * mp.fsum(mp.log(l[i, i]) for i in range(n)) + mp.fsum(t * t for t in w)) / 2
    ends = []
    if min(u) > -12:
        w, top, _ = newton(lambda w: exact(mp.exp(w[0]), mp.exp(w[1])), u, steps=5)
        ends.append((top, mp.exp(w[0]), mp.exp(w[1])))
    else:
        k = int(u[1] < u[0])
        at = (lambda s: exact(mp.mpf(0), mp.exp(s[0]))) if k == 0 else (lambda s: exact(mp.exp(s[0]), mp.mpf(0)))
        w, top, _ = newton(at, [u[1 - k]], steps=5)
        e = mp.exp(w[0])
        ends.append((top, mp.mpf(0), e) if k == 0 else (top, e, mp.mpf(0)))
    top, q, r = ends[0]
    return dict(y=y, log_likelihood=num(top), params=[num(q), num(r)])


# Random slopes --------------------------------------------------------------------------------------------------------

def slopes(seed):
    """Twenty subjects of four visits with a random intercept and slope; both for a G that is a covariance and for any."""
    rng = random.Random(200 + seed)
    x = [[1, t] for t in range(4)]
    z = np.array(x, float)
    ys = []
    for _ in range(20):
        a, b = rng.gauss(0, 1), rng.gauss(0, 1)
        a, b = a, 0.3 * a + 0.4 * b
        ys.append([round(2 + a + (0.5 + b) * t + rng.gauss(0, 0.8), 2) for t in range(4)])
    def cone(u):
        l = np.array([[u[0], 0], [u[1], u[2]]])
        return reml(z @ l @ l.T @ z.T + math.exp(2 * u[3]) * np.eye(4), x, ys)
    def free(u):
        g = np.array([[math.exp(2 * u[0]), u[1]], [u[1], math.exp(2 * u[2])]])
        return reml(z @ g @ z.T + math.exp(2 * u[3]) * np.eye(4), x, ys)
    start = random.Random(5)
    def starts():
        return [[start.uniform(-1, 1) for _ in range(4)] for _ in range(12)]
    u, _ = maximise(cone, starts(), clip=1e3)
    w, _ = maximise(free, starts(), clip=1e3)
    l = np.array([[u[0], 0], [u[1], u[2]]])
    g = l @ l.T
    return dict(ys=ys, cone=dict(log_likelihood=float(cone(u)), g=[g[0, 0], g[1, 0], g[1, 1]], residual=math.exp(2 * u[3])),
                free=dict(log_likelihood=float(free(w)), g=[math.exp(2 * w[0]), float(w[1]), math.exp(2 * w[2])],
                          residual=math.exp(2 * w[3])))


# Differenced noise ----------------------------------------------------------------------------------------------------

def differenced(seed):
    """V = s2 (I + rho T), T one beside the diagonal, |rho| <= 1/2; s2 profiled out, rho by golden section from a grid."""
    rng = random.Random(300 + seed)
    e = [rng.gauss(0, 1) for _ in range(13)]
    y = [round(b - a, 2) for a, b in zip(e, e[1:])]
    n = 12
    def at(rho):
        v = entries(n, lambda i, j: 1 if i == j else rho if abs(i - j) == 1 else 0)
        log_v, xx, xy, yy = mp_parts(v, ones(n), [y])
        s2 = (yy - xy[0] ** 2 / xx[0, 0]) / (n - 1)
        return -((n - 1) * mp.log(2 * mp.pi * s2) + log_v + mp.log(xx[0, 0]) + n - 1) / 2, s2, xy[0] / xx[0, 0]
    grid = [mp.mpf(i) / 80 for i in range(-40, 41)]
    heights = [at(r)[0] for r in grid]
    i = max(range(len(grid)), key=lambda i: heights[i])
    maxima = [j for j in range(len(grid)) if all(heights[j] >= heights[m] for m in (j - 1, j + 1) if 0 <= m < len(grid))]
    if 0 < i < 80:
        rho = mp.findroot(lambda r: (at(r + mp.mpf(10) ** -15)[0] - at(r - mp.mpf(10) ** -15)[0]) * mp.mpf(10) ** 15 / 2,
                          (grid[i - 1], grid[i + 1]), solver="anderson", tol=1e-30, verify=False)
    else:
        rho = grid[i]
    top, s2, beta = at(rho)
    # rho = psi/(1 + psi^2), by the root in [-1, 1]
    psi = mp.mpf(0) if rho == 0 else (1 - mp.sqrt(1 - 4 * rho ** 2)) / (2 * rho)
    return dict(y=y, log_likelihood=num(top), params=[num(s2), num(psi)], beta=[num(beta)], bound=abs(rho) == 0.5,
                maxima=len(maxima))


# Several maxima -------------------------------------------------------------------------------------------------------

def contrasts(n):
    q, _ = np.linalg.qr(np.c_[np.ones(n), np.eye(n)[:, : n - 1]])
    return q[:, 1:]


def density(v, y):
    """That of contrasts, with what makes it the restricted likelihood for X = 1."""
    n = len(y) + 1
    try:
        l = np.linalg.cholesky(v)
    except np.linalg.LinAlgError:
        return -math.inf
    w = np.linalg.solve(l, y)
    return -0.5 * ((n - 1) * math.log(2 * math.pi) + 2 * np.log(np.diag(l)).sum() + math.log(n) + w @ w)


def ar_nugget(seed):
    rng = random.Random(400 + seed)
    n, rho = 20, (0.7 if seed < 20 else 0.4)
    e, y = rng.gauss(0, 1), []
    for _ in range(n):
        y.append(round(e + rng.gauss(0, math.sqrt(0.5)), 2))
        e = rho * e + math.sqrt(1 - rho * rho) * rng.gauss(0, 1)
    d = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    a = contrasts(n)
    c, cy = np.eye(n - 1), a.T @ np.array(y)
    # rho = exp(-e^u) > 0: only sigma^2 (rho^d - 1) matters for contrasts; s is the log of sigma^2 e^u
    def positive(u):
        w = math.exp(u[1])
        return density(math.exp(u[0]) / w * (a.T @ np.expm1(-w * d) @ a) + math.exp(u[2]) * c, cy)
    def negative(u):
        r = -math.exp(-math.exp(u[1]))
        return density(math.exp(u[0]) * (a.T @ (r ** d) @ a) + math.exp(u[2]) * c, cy)
    walk = lambda u: density(-math.exp(u[0]) * (a.T @ d @ a) + math.exp(u[1]) * c, cy)
    start = random.Random(6)
    draw = lambda p: [start.uniform(-3, 2) for _ in range(p)]
    ends = {
        "positive": maximise(positive, [draw(3) for _ in range(25)], clip=30),
        "negative": maximise(negative, [draw(3) for _ in range(25)], clip=30),
        "walk": maximise(walk, [draw(2) for _ in range(6)], clip=30),
    }
    top = max(ends.items(), key=lambda e: e[1][1][0])
    return dict(y=y, log_likelihood=float(top[1][1][0]), at=top[0], u=[float(t) for t in top[1][0]])


def field(seed):
    rng = random.Random(500 + seed)
    rows, cols = 5, 6
    n = rows * cols
    place = [(i // cols, i % cols) for i in range(n)]
    dr = np.array([[abs(p[0] - q[0]) for q in place] for p in place])
    dc = np.array([[abs(p[1] - q[1]) for q in place] for p in place])
    l = np.linalg.cholesky(0.6 ** dr * 0.8 ** dc + 0.3 * np.eye(n))
    y = [round(float(t), 2) for t in l @ np.array([rng.gauss(0, 1) for _ in range(n)])]
    a = contrasts(n)
    c, cy = np.eye(n - 1), a.T @ np.array(y)
    def positive(u):
        e, f = math.exp(u[1]), math.exp(u[2])
        return density(math.exp(u[0]) / max(e, f) * (a.T @ np.expm1(-e * dr - f * dc) @ a) + math.exp(u[3]) * c, cy)
    def signed(p, q):
        def f(u):
            r, s = p * math.exp(-math.exp(u[1])), q * math.exp(-math.exp(u[2]))
            return density(math.exp(u[0]) * (a.T @ (r ** dr * s ** dc) @ a) + math.exp(u[3]) * c, cy)
        return f
    start = random.Random(7)
    draw = lambda: [start.uniform(-3, 1.5) for _ in range(4)]
    ends = {"++": maximise(positive, [draw() for _ in range(20)], clip=30)}
    for name, p, q in (("+-", 1, -1), ("-+", -1, 1), ("--", -1, -1)):
        ends[name] = maximise(signed(p, q), [draw() for _ in range(15)], clip=30)
    top = max(ends.items(), key=lambda e: e[1][1][0])
    return dict(y=y, log_likelihood=float(top[1][1][0]), at=top[0], u=[float(t) for t in top[1][0]])


def factors(job):
    n, k, seed = job
    rng = random.Random(1000 * n + 100 * k + seed)
    loadings = [[rng.uniform(0.3, 1.2) * rng.choice([-1, 1]) for _ in range(k)] for _ in range(n)]
    ys = []
    for _ in range(40 if seed < 20 else 15):
        f = [rng.gauss(0, 1) for _ in range(k)]
        ys.append([round(1 + sum(a * b for a, b in zip(row, f)) + rng.gauss(0, 0.7), 2) for row in loadings])
    places = [(i, j) for i in range(n) for j in range(min(i + 1, k))]
    # sums that hold the likelihood of all subjects
    yy = np.array(ys)
    mean = yy.mean(axis=0)
    scatter = (yy - mean).T @ (yy - mean)
    m = len(ys)
    def f(u):
        lam = np.zeros((n, k))
        for (i, j), t in zip(places, u):
            lam[i, j] = t
        v = lam @ lam.T + np.diag(np.exp(2 * np.array(u[len(places):])))
        try:
            l = np.linalg.cholesky(v)
        except np.linalg.LinAlgError:
            return -math.inf
        inv = np.linalg.inv(v)
        one = inv.sum()
        beta = (inv @ mean).sum() / one
        q = (inv * scatter).sum() + m * (mean - beta) @ inv @ (mean - beta)
        return -0.5 * ((n * m - 1) * math.log(2 * math.pi) + 2 * m * np.log(np.diag(l)).sum() + math.log(m * one) + q)
    start = random.Random(8)
    best = []
    for _ in range(25):
        u = [start.uniform(-1, 1) for _ in places] + [start.uniform(-1, 0.5) for _ in range(n)]
        g = lambda w: -f(np.clip(w, -25, 25)) if math.isfinite(f(np.clip(w, -25, 25))) else 1e10
        for _ in range(3):
            u = minimize(g, u, method="BFGS", options=dict(gtol=1e-7)).x
        best.append((-g(u), list(u)))
    best.sort(key=lambda b: -b[0])
    u = best[0][1]
    return dict(ys=ys, log_likelihood=float(best[0][0]), u=[float(t) for t in u])


def run(job):
    return globals()[job[0]](*job[1:])


def main():
    jobs = [("distances",), ("machines",), ("rank_one",)]
    for name in ("local_level", "slopes", "differenced", "field"):
        jobs += [(name, seed) for seed in range(20)]
    jobs += [("ar_nugget", seed) for seed in range(40)]
    jobs += [("factors", (n, k, seed)) for n, k in ((5, 1), (6, 2)) for seed in range(40)]
    only = sys.argv[1:]
    path = os.path.join(HERE, "cases.json")
    out = json.load(open(path)) if only and os.path.exists(path) else {}
    jobs = [j for j in jobs if not only or j[0] in only]
    with Pool(2) as pool:
        found = pool.map(run, jobs, chunksize=1)
    lists = {}
    for job, value in zip(jobs, found):
        if len(job) == 1:
            out[job[0]] = value
        else:
            name = job[0] if job[0] != "factors" else "factors_%d_%d" % job[1][:2]
            lists.setdefault(name, []).append(value)
    out.update(lists)
    with open(path, "w") as file:
        json.dump(out, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
