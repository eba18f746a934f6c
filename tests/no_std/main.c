/* Runs what src/lib.rs exports; prints the results for a look, and fails unless the checks hold. */
#include <math.h>
#include <stdio.h>

double evaluate(double scale);
unsigned check(void);
unsigned infer(const double *readings, size_t batches);
double variance_between(const double *readings, size_t batches);
float score_of_noise(float reading);

/* The host's core was compiled to unwind; nothing here does. */
void rust_eh_personality(void) {}

/* Dyestuff, Davies & Goldsmith 1972: REML estimates 1764.05 between batches. */
static const double dyestuff[] = {
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
    1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
};

int main(void) {
    double sum = evaluate(1.0);
    unsigned failed = check() + infer(dyestuff, 6);
    double variance = variance_between(dyestuff, 6);
    /* S = 3 + 1: ½ (y²/S − 1)/S by r, and dr/dθ = 2; exact in binary. */
    float score = score_of_noise(4.0f);
    printf("sum %.17g, %u checks failed, variance between batches %.12g, score %g\n", sum, failed, variance,
           (double)score);
    return !(sum > 0.0) || failed != 0 || !(fabs(variance - 1764.05) < 1e-6) || score != 0.75f;
}
