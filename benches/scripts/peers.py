"""Times of numpy, JAX, torch-openreml and statsmodels at what covprop does, appended to times.csv.

    python peers.py [v_diag | value_and_gradient | reml_iteration | fit]...

One thread, float64, θ alternating, the processor's time, which others on the machine disturb less. The peers at a piece
of work are checked against each other and then timed in turns; a time is the median over the turns. What is not
installed is left out.
"""

import csv
import importlib.metadata
import math
import os
import platform
import statistics
import sys
import time
import warnings
from pathlib import Path

# One core, before anything starts its threads.
CORES = os.cpu_count()
os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np

try:
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    # No hand-over to another thread for each call.
    jax.config.update("jax_cpu_enable_async_dispatch", False)
except ImportError:
    jax = None
try:
    import torch
    import torch_openreml.covariance as openreml
    from torch_openreml import MarginalREML

    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
except ImportError:
    torch = None
try:
    from statsmodels.regression.mixed_linear_model import MixedLM
except ImportError:
    MixedLM = None

HERE = Path(__file__).resolve().parent
DESIGNS = HERE.parents[1] / "tests/data/design"
SIZES = [(4, 3), (8, 3), (10, 2), (12, 4), (16, 4), (24, 6), (32, 8), (64, 8)]
# Observations, random effects, fixed effects.
REML_SIZES = [(8, 3, 2), (16, 4, 2), (24, 5, 4), (32, 5, 4)]

TURNS = 31
TURN_NS = 1e7
# Of the largest entry.
AGREEMENT = 1e-12
# Steps of torch-openreml in float64 agree with those of numpy and JAX to five digits and no more.
STEP_OF_OPENREML = 1e-5
# A fit is the same as lme4's if its log-likelihood agrees so far.
SAME_FIT = 1e-3


def machine(*packages):
    """The processor, its cores, and the versions that matter."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    versions = [f"{package} {importlib.metadata.version(package)}" for package in packages]
    return "; ".join([model, f"{CORES} cores", f"Python {platform.python_version()}", *versions])


PACKAGES = {
    "numpy": ("numpy",),
    "jax": ("jax", "jaxlib"),
    "torch-openreml": ("torch-openreml", "torch"),
    "statsmodels": ("statsmodels", "numpy", "scipy"),
}


def record(work, peer, size, nanoseconds):
    print(f"{work:<15}{size:<12}{peer:<16}{nanoseconds:>14.0f} ns", flush=True)
    file = HERE / "times.csv"
    new = not file.exists()
    with file.open("a", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        if new:
            writer.writerow(["work", "peer", "size", "nanoseconds", "machine"])
        writer.writerow([work, peer, size, round(nanoseconds), machine(*PACKAGES[peer])])


def race(entrants):
    """Times (work, size, peer, function of 0 or 1, the θ to take), in turns, so that what disturbs the machine for a
    while disturbs all."""

    def turn(f, calls):
        start = time.process_time_ns()
        for call in range(calls):
            f(call & 1)
        return (time.process_time_ns() - start) / calls

    calls = []
    for *_, f in entrants:
        turn(f, 4)
        calls.append(max(2, int(TURN_NS / turn(f, 10))))
    turns = [[turn(f, n) for (*_, f), n in zip(entrants, calls)] for _ in range(TURNS)]
    for (work, size, peer, _), times in zip(entrants, zip(*turns)):
        record(work, peer, size, statistics.median(times))


def assert_agree(results, tolerances={}):
    """That all peers computed the same arrays, at θ 0 and at another θ 1."""
    (first, expected), *others = results.items()
    for peer, found in others:
        for a, b in zip(expected, found, strict=True):
            a, b = np.asarray(a), np.asarray(b)
            assert a.shape == b.shape, (peer, a.shape, b.shape)
            worst = np.abs(a - b).max() / np.abs(a).max()
            assert worst < tolerances.get(peer, AGREEMENT), f"{peer} differs from {first} by {worst}"


def thetas(count):
    """Two of them."""
    first = 0.1 * np.cos(np.arange(count))
    return [first, first + 0.05]


def design(n, q):
    i, j = np.indices((n, q))
    return np.sin(3.0 * i + 5.0 * j)


def operator(n, q):
    """θ → V = Z diag(exp(2θ)) Zᵀ, and θ → (V, ∂V/∂θ)."""
    z = design(n, q)
    points = thetas(q)
    zt = np.ascontiguousarray(z.T)

    def v_numpy(theta):
        return (z * np.exp(2.0 * theta)) @ zt

    def vdv_numpy(theta):
        # ∂V/∂θₖ = 2 exp(2θₖ) zₖ zₖᵀ
        scaled = zt * np.exp(2.0 * theta)[:, None]
        return scaled.T @ zt, (2.0 * scaled)[:, :, None] * zt[:, None, :]

    v = {"numpy": lambda i: v_numpy(points[i])}
    vdv = {"numpy": lambda i: vdv_numpy(points[i])}
    if jax:
        at = [jnp.asarray(theta) for theta in points]
        zj = jnp.asarray(z)

        def v_jax(theta):
            return (zj * jnp.exp(2.0 * theta)) @ zj.T

        def vdv_jax(theta):
            # jacfwd has the parameter last
            return v_jax(theta), jnp.moveaxis(jax.jacfwd(v_jax)(theta), -1, 0)

        value, both = jax.jit(v_jax), jax.jit(vdv_jax)
        v["jax"] = lambda i: value(at[i]).block_until_ready()
        vdv["jax"] = lambda i: jax.block_until_ready(both(at[i]))
    if torch:
        points_t = [torch.tensor(theta) for theta in points]
        model = openreml.CovariancePropagation(torch.tensor(z), openreml.DiagonalMatrix(q))
        v["torch-openreml"] = lambda i: model(points_t[i])
        vdv["torch-openreml"] = lambda i: (model(points_t[i]), model.grad(points_t[i])[0])
    return v, vdv


def reml_step(np, z, x, y, theta):
    """Log-likelihood, β, score and average information of V = Z diag(exp(2θ)) Zᵀ + exp(2θ_q) I, in numpy or JAX.

    With P dense and ∂V/∂θₖ of rank one: score ½(wᵀ∂ₖV w − tr(P ∂ₖV)) and information ½ wᵀ∂ₖV P ∂ₗV w, w = Py.
    """
    n, p = x.shape
    variances = np.exp(2.0 * theta)
    v = (z * variances[:-1]) @ z.T + variances[-1] * np.eye(n)
    root = np.linalg.cholesky(v)
    inverse = np.linalg.inv(v)
    vx = inverse @ x
    xvx = x.T @ vx
    beta = np.linalg.solve(xvx, vx.T @ y)
    pm = inverse - vx @ np.linalg.solve(xvx, vx.T)
    w = pm @ y
    log_determinant = 2.0 * np.log(np.diag(root)).sum() + np.linalg.slogdet(xvx)[1]
    log_likelihood = -0.5 * (log_determinant + y @ w + (n - p) * math.log(2.0 * math.pi))
    zw = z.T @ w
    traces = np.append((z * (pm @ z)).sum(axis=0), np.trace(pm))
    squares = np.append(zw * zw, w @ w)
    score = variances * (squares - traces)
    # ∂ₖV w
    u = 2.0 * np.column_stack([z * (variances[:-1] * zw), variances[-1] * w])
    return log_likelihood, beta, score, 0.5 * (u.T @ (pm @ u))


def reml_iteration(n, q, p):
    z = design(n, q)
    x = np.vander(np.linspace(-1.0, 1.0, n), p, increasing=True)
    y = np.sin(7.0 * np.arange(n)) + x.sum(axis=1)
    points = thetas(q + 1)
    peers = {"numpy": lambda i: reml_step(np, z, x, y, points[i])}
    if jax:
        at = [jnp.asarray(theta) for theta in points]
        zj, xj, yj = jnp.asarray(z), jnp.asarray(x), jnp.asarray(y)
        step = jax.jit(lambda theta: reml_step(jnp, zj, xj, yj, theta))
        peers["jax"] = lambda i: jax.block_until_ready(step(at[i]))
    if torch:
        points_t = [torch.tensor(theta) for theta in points]
        random = openreml.CovariancePropagation(torch.tensor(z), openreml.DiagonalMatrix(q))
        reml = MarginalREML(openreml.Sum(random, openreml.ScalarMatrix(n)))
        xt, yt = torch.tensor(x), torch.tensor(y)

        def step_torch(i):
            beta, score, information, log_likelihood = reml.ai_step(yt, xt, points_t[i])
            # It leaves the constant out.
            constant = 0.5 * (n - p) * math.log(2.0 * math.pi)
            return log_likelihood - constant, beta, score, information

        peers["torch-openreml"] = step_torch
    return peers


def columns(name):
    """A data set of tests/data/design: its columns by their names."""
    with (DESIGNS / f"{name}.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


def one_hot(levels):
    levels = levels.astype(int)
    return np.eye(levels.max() + 1)[levels]


def fit_statsmodels(name, group, random):
    """A function that fits, and one that gives the log-likelihood of what it returns."""
    data = columns(name)
    x = np.column_stack([data[key] for key in data if key.startswith("x")])
    z = np.column_stack([np.ones(len(x)), *(data[key] for key in random)])

    def fit(_):
        return MixedLM(data["y"], x, data[group], exog_re=z).fit(reml=True)

    return fit, lambda fitted: fitted.llf


def fit_openreml(name, terms):
    """A function that fits from θ = 0; `terms` gives for the data the pairs Z, G."""
    data = columns(name)
    x = torch.tensor(np.column_stack([data[key] for key in data if key.startswith("x")]))
    y = torch.tensor(data["y"])
    n, p = x.shape
    random = [openreml.CovariancePropagation(torch.tensor(z), g) for z, g in terms(data)]
    model = openreml.Sum(*random, openreml.ScalarMatrix(n))
    start = torch.zeros(len(model.free_param_names))
    constant = 0.5 * (n - p) * math.log(2.0 * math.pi)

    def fit(_):
        reml = MarginalREML(model)
        return reml, reml.optimize(y, x, start)[0]

    def log_likelihood(fitted):
        reml, theta = fitted
        return float(reml.loglik(y, x, theta)) - constant

    return fit, log_likelihood


def slopes(data):
    """A random intercept and slope for each subject."""
    subjects = one_hot(data["g_Subject"])
    count = subjects.shape[1]
    z = np.stack([subjects, subjects * data["z_Days"][:, None]], axis=2).reshape(len(subjects), -1)
    identity = openreml.IdentityMatrix(count)
    return [(z, openreml.KroneckerProduct(identity, openreml.UnconstrainedMatrix(2)))]


def intercepts(*groups):
    def terms(data):
        designs = [one_hot(data[group]) for group in groups]
        return [(z, openreml.ScalarMatrix(z.shape[1])) for z in designs]

    return terms


# The restricted log-likelihoods of lme4.
FITS = {"sleepstudy": -871.8141, "dyestuff": -159.8271, "penicillin": -165.4303}


def fits():
    # statsmodels warns where one of its optimisers ends early.
    warnings.simplefilter("ignore")
    peers = {name: {} for name in FITS}
    if MixedLM:
        peers["sleepstudy"]["statsmodels"] = fit_statsmodels("sleepstudy_ris", "g_Subject", ["z_Days"])
        peers["dyestuff"]["statsmodels"] = fit_statsmodels("dyestuff_ri", "g_Batch", [])
    if torch:
        # Starts as in its documentation; all of V is dense.
        peers["sleepstudy"]["torch-openreml"] = fit_openreml("sleepstudy_ris", slopes)
        peers["dyestuff"]["torch-openreml"] = fit_openreml("dyestuff_ri", intercepts("g_Batch"))
        crossed = intercepts("g_plate", "g_sample")
        peers["penicillin"]["torch-openreml"] = fit_openreml("penicillin_crossed", crossed)
    entrants = []
    for name, expected in FITS.items():
        for peer, (fit, log_likelihood) in peers[name].items():
            found = log_likelihood(fit(0))
            print(f"{name}: {peer} log-likelihood {found:.4f}, lme4 {expected:.4f}", flush=True)
            if abs(found - expected) < SAME_FIT:
                entrants.append(("fit", name, peer, fit))
            else:
                print(f"{name}: {peer} did not fit the same model and is not timed")
    return entrants


def operators(work):
    entrants = []
    for n, q in SIZES:
        peers = operator(n, q)[work == "value_and_gradient"]
        for i in (0, 1):
            results = {peer: f(i) for peer, f in peers.items()}
            assert_agree({k: x if isinstance(x, tuple) else (x,) for k, x in results.items()})
        entrants += [(work, f"{n}x{q}", peer, f) for peer, f in peers.items()]
    return entrants


def reml_iterations():
    entrants = []
    for n, q, p in REML_SIZES:
        peers = reml_iteration(n, q, p)
        for i in (0, 1):
            assert_agree({peer: f(i) for peer, f in peers.items()}, {"torch-openreml": STEP_OF_OPENREML})
        entrants += [("reml_iteration", f"{n}x{q}", peer, f) for peer, f in peers.items()]
    return entrants


def main():
    for work in sys.argv[1:] or ["v_diag", "value_and_gradient", "reml_iteration", "fit"]:
        if work in ("v_diag", "value_and_gradient"):
            race(operators(work))
        elif work == "reml_iteration":
            race(reml_iterations())
        elif work == "fit":
            race(fits())
        else:
            sys.exit(f"no work {work}")


if __name__ == "__main__":
    main()
