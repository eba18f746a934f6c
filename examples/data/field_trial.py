"""Simulates the field trial of `field_trial.csv`: python3 field_trial.py > field_trial.csv

Six replicates of 5 x 5 plots, two along the rows and three along the columns, each with all 25 genotypes. Replicate k is
a class of parallel lines of the 5 x 5 plane: its rows are the lines, in random order, so that each pair of genotypes
shares a row of a replicate exactly once (a balanced lattice). Yields in kg per plot.
"""

import random

ROWS, COLUMNS, SIDE = 10, 15, 5
SIGMA2, RHO_ROW, RHO_COL, NUGGET = 0.25, 0.6, 0.8, 0.04
MEAN, GENOTYPE_DEVIATION = 6.0, 0.3

rng = random.Random(1)


def autoregression(sequences, rho):
    """Each sequence, of independent elements, as one with correlations rho^|i-j|."""
    innovation = (1 - rho**2) ** 0.5
    result = []
    for sequence in sequences:
        state = [sequence[0]]
        for element in sequence[1:]:
            state.append(rho * state[-1] + innovation * element)
        result.append(state)
    return result


def transposed(rows):
    return [list(column) for column in zip(*rows)]


def lines(k):
    """The lines of slope k in the plane of genotypes 5 i + j, or those of constant i for k = 5."""
    if k == SIDE:
        return [[SIDE * i + j for j in range(SIDE)] for i in range(SIDE)]
    return [[SIDE * i + (k * i + shift) % SIDE for i in range(SIDE)] for shift in range(SIDE)]


genotypes = [round(rng.gauss(MEAN, GENOTYPE_DEVIATION), 2) for _ in range(SIDE**2)]

noise = [[rng.gauss(0, SIGMA2**0.5) for _ in range(COLUMNS)] for _ in range(ROWS)]
along_columns = autoregression(noise, RHO_COL)
field = transposed(autoregression(transposed(along_columns), RHO_ROW))

layout = [[0] * COLUMNS for _ in range(ROWS)]
for k, slope in enumerate(rng.sample(range(SIDE + 1), SIDE + 1)):
    top, left = SIDE * (k // 3), SIDE * (k % 3)
    blocks = lines(slope)
    rng.shuffle(blocks)
    for i, block in enumerate(blocks):
        rng.shuffle(block)
        layout[top + i][left : left + SIDE] = block

print("row,col,gen,yield,true_gen,true_field")
for i in range(ROWS):
    for j in range(COLUMNS):
        g = layout[i][j]
        observed = genotypes[g] + field[i][j] + rng.gauss(0, NUGGET**0.5)
        print(f"{i + 1},{j + 1},G{g + 1:02},{observed:.3f},{genotypes[g]:.2f},{field[i][j]:.3f}")
