"""Simulates the runs of `kriging.csv`: python3 kriging.py > kriging.csv

A stochastic simulator is run once at each of 20 equally spaced points of the unit interval. Its mean is the function of
Forrester, Sóbester & Keane (2008); a run adds independent noise of standard deviation 1.
"""

import math
import random

RUNS, NOISE = 20, 1.0

rng = random.Random(1)


def mean(x):
    return (6 * x - 2) ** 2 * math.sin(12 * x - 4)


print("x,output")
for run in range(RUNS):
    x = (run + 0.5) / RUNS
    print(f"{x:.3f},{mean(x) + rng.gauss(0, NOISE):.3f}")
