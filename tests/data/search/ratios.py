"""Variances of one-way layouts whose ratio is 1e-12 ... 1e12, for `tests/estimation/search/ratios.rs`.

The responses are y = c b + e in doubles: group effects b, errors e that sum to zero in each group, and the c for which the
REML estimate of the ratio is the power of ten, rounded with y. The estimates are those of the doubles as they stand, by the
likelihood profiled over the residual variance, in 60 digits. Usage: python3 ratios.py (needs mpmath); writes ratios.json.
"""

import json
import os

import mpmath as mp

mp.mp.dps = 60
EFFECTS = [-1.3, 0.4, 2.1, -0.7, 0.9]
ERRORS = {
    2: [0.75, -0.75],
    3: [0.5, 0.25, -0.75],
    4: [0.375, -0.625, 0.875, -0.625],
    5: [0.25, -1.0, 0.5, 0.625, -0.375],
    6: [-0.5, 0.875, -0.25, 0.125, -0.625, 0.375],
}


class Layout:
    def __init__(self, groups):
        """groups: lists of mpf"""
        self.sizes = [len(g) for g in groups]
        self.means = [mp.fsum(g) / len(g) for g in groups]
        self.within = mp.fsum((y - m) ** 2 for g, m in zip(groups, self.means) for y in g)
        self.n = sum(self.sizes)

    def profile(self, ratio, ml):
        """The log-likelihood, the residual variance and the mean."""
        w = [n / (1 + n * ratio) for n in self.sizes]
        mean = mp.fsum(a * m for a, m in zip(w, self.means)) / mp.fsum(w)
        squares = self.within + mp.fsum(a * (m - mean) ** 2 for a, m in zip(w, self.means))
        degrees = self.n - (0 if ml else 1)
        residual = squares / degrees
        twice = degrees * (mp.log(2 * mp.pi * residual) + 1) + mp.fsum(mp.log(1 + n * ratio) for n in self.sizes)
        return -(twice + (0 if ml else mp.log(mp.fsum(w)))) / 2, residual, mean

    def score(self, ratio, ml):
        """The derivative of the profile by the ratio."""
        w = [n / (1 + n * ratio) for n in self.sizes]
        _, residual, mean = self.profile(ratio, ml)
        # of w by the ratio: -w^2; of the squares, the mean being their minimum, sum of -w^2 (m - mean)^2
        falls = mp.fsum(a * a * (m - mean) ** 2 for a, m in zip(w, self.means)) / residual
        of_x = 0 if ml else mp.fsum(a * a for a in w) / mp.fsum(w)
        return (falls - mp.fsum(w) + of_x) / 2

    def maximum(self, near, ml):
        if self.score(mp.mpf(0), ml) <= 0:
            ratio = mp.mpf(0)
        else:
            low, high = near / 4, near * 4
            while self.score(low, ml) < 0:
                low /= 4
            while self.score(high, ml) > 0:
                high *= 4
            for _ in range(260):
                middle = mp.sqrt(low * high)
                low, high = (middle, high) if self.score(middle, ml) > 0 else (low, middle)
            ratio = mp.sqrt(low * high)
        top, residual, mean = self.profile(ratio, ml)
        # no other is higher
        for k in range(-160, 161):
            assert self.profile(mp.mpf(10) ** (mp.mpf(k) / 10), ml)[0] <= top + mp.mpf(10) ** -40
        return dict(params=[float(ratio * residual), float(residual)], beta=float(mean), log_likelihood=float(top))


def responses(sizes, c):
    return [[c * b + e for e in ERRORS[n]] for n, b in zip(sizes, EFFECTS)]


def case(sizes, k):
    ratio = mp.mpf(10) ** k
    exact = lambda c: Layout([[c * mp.mpf(b) + mp.mpf(e) for e in ERRORS[n]] for n, b in zip(sizes, EFFECTS)])
    low, high = mp.mpf(10) ** -8, mp.mpf(10) ** 8
    for _ in range(200):
        c = mp.sqrt(low * high)
        low, high = (c, high) if exact(c).score(ratio, False) < 0 else (low, c)
    rounded = responses(sizes, float(c))
    layout = Layout([[mp.mpf(y) for y in g] for g in rounded])
    found = {name: layout.maximum(ratio, ml) for name, ml in (("reml", False), ("ml", True))}
    if len(set(sizes)) == 1:
        # the closed form
        n, a = sizes[0], len(sizes)
        grand = mp.fsum(layout.means) / a
        between = n * mp.fsum((m - grand) ** 2 for m in layout.means) / (a - 1)
        within = layout.within / (a * (n - 1))
        for name, share in (("reml", mp.mpf(1)), ("ml", mp.mpf(a - 1) / a)):
            variance = (share * between - within) / n
            if variance > 0:
                expected = [variance, within]
                for p, q in zip(found[name]["params"], expected):
                    assert abs(p / q - 1) < 1e-15, (k, name, p, q)
            else:
                assert found[name]["params"][0] == 0
    return dict(exponent=k, y=[y for g in rounded for y in g], **found)


def main():
    out = {
        name: dict(sizes=sizes, cases=[case(sizes, k) for k in range(-12, 13)])
        for name, sizes in (("balanced", [4] * 5), ("unbalanced", [2, 3, 4, 5, 6]))
    }
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "ratios.json"), "w") as file:
        json.dump(out, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
