"""Simulates the visits of `visits.csv`: python3 visits.py > visits.csv

60 subjects in two arms, four visits each. A response has the mean of its arm and visit; those of a subject vary more from
visit to visit, and are the less alike the further apart they are. 15 % of the visits are missed, whatever the response.
"""

import random

MEANS = {"control": [20, 21, 22, 23], "treatment": [20, 23, 26, 29]}
DEVIATIONS = [3, 4, 5, 7]
CORRELATIONS = [[1.0], [0.7, 1.0], [0.55, 0.75, 1.0], [0.3, 0.45, 0.8, 1.0]]
SUBJECTS, MISSED = 60, 0.15

rng = random.Random(1)


def root(matrix):
    """The lower triangular matrix whose product with its transpose is this one."""
    rows = []
    for i, row in enumerate(matrix):
        new = []
        for j in range(i + 1):
            rest = row[j] - sum(a * b for a, b in zip(new, (rows + [new])[j]))
            new.append(rest**0.5 if i == j else rest / rows[j][j])
        rows.append(new)
    return rows


lower = root(CORRELATIONS)

print("subject,arm,visit,response")
for subject in range(1, SUBJECTS + 1):
    arm = "treatment" if subject % 2 == 0 else "control"
    noise = [rng.gauss(0, 1) for _ in DEVIATIONS]
    for visit, mean in enumerate(MEANS[arm]):
        deviation = DEVIATIONS[visit] * sum(a * b for a, b in zip(lower[visit], noise))
        if rng.random() >= MISSED:
            print(f"S{subject:02},{arm},{visit + 1},{mean + deviation:.2f}")
